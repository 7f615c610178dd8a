"""What a delivered value must look like to become a value of its column, as SQL over text; and words for what it looks like.

A value is read strictly: DuckDB alone takes 0x10, 1_000 and 'infinity', rounds 42.7 to an integer and the year 26 to one
of the first century. A row rule keeps its row out. A file rule says that the whole file was written in another way, such
as with decimal commas: the rows that happen to read well would be wrong too, so the file is refused.
Add here: a rule on one value. Keep out: rules over rows and tables (dbt erp), the shape of files (`csv_files`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from sop_pipeline.delivery.formats import STRICT, Format
from sop_pipeline.warehouse.contracts import Column

LARGEST_NUMBER = 1e12  # beyond it a quantity is a mistake, and HiGHS starts to read numbers as infinite
FIRST_DAY, LAST_DAY = "1901-01-01", "2199-12-31"
OPEN_END = "9999-12-31"
UNREADABLE = "\N{INVERTED QUESTION MARK}"
"""Stands before a text that does not follow its declared format, so that no rule reads it in another way."""
CHANGED_IN_THE_FUTURE = "changed_in_the_future"
SKIPPED_HOUR = UNREADABLE * 2
"""Stands before a local time that the clock skipped."""
PLACEHOLDERS = (
    "#N/A",
    "#REF!",
    "#VALUE!",
    "#NAME?",
    "#DIV/0!",
    "#NULL!",
    "NULL",
    "NONE",
    "N/A",
    "NAN",
    "?",
    "-",
    "--",
)

_NUMBER = "[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?"
_DECIMAL_COMMA = (
    "[+-]?([0-9]{1,3}([.][0-9]{3})+,[0-9]+|[0-9]*,([0-9]{1,2}|[0-9]{4,})|0*,[0-9]+|[0-9]{4,},[0-9]+)-?"
)
_TIME = "([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?"
_ZONE = " ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)"
MOMENT = f"[0-9]{{4}}[-/][0-9]{{1,2}}[-/][0-9]{{1,2}}([ T]{_TIME}({_ZONE})?)?"
ZONED_TIME = f".*[ T]{_TIME}{_ZONE}"
_MIDNIGHT = ".*[ T]00?:00(:00([.]0+)?)?" + _ZONE
_TWO_DIGIT_YEAR = "([0-9]{2}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2})( .*)?"
_DAY_OR_MONTH_FIRST = "[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{4}( .*)?"
_SCIENTIFIC_CODE = "[+-]?[0-9]([.,][0-9]+)?[eE][+][0-9]+"


@dataclass(frozen=True)
class ValueRule:
    """A rule of one column: its id, and the SQL condition that is true for a row at fault.

    `refuses_file`: one such value says that the whole file was written in another way.
    """

    rule_id: str
    condition: str
    refuses_file: bool = False


def quoted(identifier: str) -> str:
    """An SQL identifier."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """An SQL text."""
    return "'" + text.replace("'", "''") + "'"


def delivered_text(column: Column) -> str:
    """The delivered text without blanks around it; null where nothing is left."""
    return f"nullif(trim({quoted(column.name)}), '')"


def text_of(column: Column) -> str:
    """The text that rules look at, put plainly before (`plain`): no blanks around it, null where nothing is left."""
    return quoted(column.name)


def is_code(column: Column) -> bool:
    """A text that names something: an identifier, a code, or one of a few words."""
    named = column.name.endswith(("_id", "_code", "_number"))
    return column.data_type == "varchar" and (named or bool(column.accepted_values))


def typed(column: Column) -> str:
    """SQL of the typed value; null where the text is not one."""
    text = text_of(column)
    if column.data_type == "varchar":
        return text
    if column.data_type == "boolean":
        return f"try_cast({text} as boolean)"
    if column.data_type == "date":  # an ERP's date may carry a midnight
        day = (
            f"case when {text} like '____-__-__' then try_cast({text} as date) "
            f"else cast(try_cast(case when {like(text, MOMENT)} then {text} end as timestamp) as date) end"
        )
        return f"nullif({day}, date '{OPEN_END}')" if column.has_open_end else day
    if column.data_type == "timestamp":
        zoned = f"try_cast({text} as timestamp with time zone) at time zone 'UTC'"
        plain = f"try_cast({text} as timestamp)"
        moment = f"case when {like(text, ZONED_TIME)} then {zoned} else {plain} end"
        return (
            f"case when {text} like '____-__-__ __:__:__' then {plain} "
            f"when {like(text, MOMENT)} then {moment} end"
        )
    # DuckDB reads 1_000 and, as an integer, 0x10 and 0b10; looking for their letters costs a tenth of a regular expression
    is_plain = (
        f"translate({text}, '_xXbB', '') = {text}"
        if column.data_type in ("integer", "bigint")
        else f"not contains({text}, '_')"
    )
    return f"try_cast(case when {is_plain} then {text} end as {column.data_type})"


def fault_of(column: Column) -> str:
    """SQL that is true for a row that breaks any rule of the column: the same as `rules_of`, asked in one look.

    Rows at fault are few; which rule they break is asked of them alone.
    """
    text, value = text_of(column), typed(column)
    if column.data_type == "varchar" and not is_code(column):
        return f"{text} is null" if column.is_required else "false"
    if column.data_type in ("varchar", "boolean"):
        return " or ".join(f"coalesce({rule.condition}, false)" for rule in rules_of(column)) or "false"
    if column.data_type in ("date", "timestamp"):
        is_good = f"cast({value} as date) between date '{FIRST_DAY}' and date '{LAST_DAY}'"
        if column.data_type == "date":
            zoned = f"{like(text, ZONED_TIME)} and not {like(text, _MIDNIGHT)}"
            is_good += f" and (case when contains({text}, ':') then not ({zoned}) else true end)"
        if column.has_open_end:
            is_good += f" or starts_with({text}, '{OPEN_END}')"
    else:
        is_good = f"abs({value}) <= {LARGEST_NUMBER:.0f}"
        if column.data_type in ("integer", "bigint"):
            is_good += f" and try_cast({text} as double) = {value}"
    is_empty = "false" if column.is_required else "true"
    return f"case when {text} is null then not {is_empty} else not coalesce({is_good}, false) end"


def rules_of(column: Column) -> Iterator[ValueRule]:
    """Rules of one column; the first one that a value breaks is the one that is named."""
    text = text_of(column)
    if column.is_required:
        yield ValueRule("missing_value", f"{text} is null")
    if column.data_type == "varchar":
        if is_code(column):
            # a regular expression is asked of every row, the search for a sign of each entry of a dictionary; `and` asks both
            is_scientific = (
                f"case when contains({text}, '+') then {like(text, _SCIENTIFIC_CODE)} else false end"
            )
            yield ValueRule("scientific_notation", is_scientific)
            placeholders = ", ".join(literal(word) for word in PLACEHOLDERS)
            yield ValueRule("placeholder", f"upper({text}) in ({placeholders})")
    elif column.data_type == "boolean":
        yield ValueRule("not_a_boolean", f"{text} is not null and {typed(column)} is null")
    elif column.data_type in ("date", "timestamp"):
        yield from _moment_rules(column)
    else:
        yield from _number_rules(column)
    if column.accepted_values:
        accepted = ", ".join(literal(value) for value in column.accepted_values)
        yield ValueRule("not_accepted", f"{text} is not null and {text} not in ({accepted})")


def _moment_rules(column: Column) -> Iterator[ValueRule]:
    text, value = text_of(column), typed(column)
    yield ValueRule("two_digit_year", like(text, _TWO_DIGIT_YEAR), refuses_file=True)
    yield ValueRule("ambiguous_date", like(text, _DAY_OR_MONTH_FIRST), refuses_file=True)
    if column.data_type == "date":
        is_zoned = f"{like(text, ZONED_TIME)} and not {like(text, _MIDNIGHT)}"
        yield ValueRule("date_with_zone", is_zoned, refuses_file=True)
    if column.data_type == "timestamp":
        yield ValueRule("no_such_local_time", f"starts_with({text}, {literal(SKIPPED_HOUR)})")
    open_end = f" and not starts_with({text}, '{OPEN_END}')" if column.has_open_end else ""
    yield ValueRule(f"not_a_{column.data_type}", f"{text} is not null and {value} is null{open_end}")
    yield ValueRule(
        "out_of_range", f"not cast({value} as date) between date '{FIRST_DAY}' and date '{LAST_DAY}'"
    )


def _number_rules(column: Column) -> Iterator[ValueRule]:
    text, value = text_of(column), typed(column)
    number = f"try_cast(case when {like(text, _NUMBER)} then {text} end as double)"
    kind = column.data_type.split("(")[0].replace(" ", "_")
    yield ValueRule("decimal_comma", like(text, _DECIMAL_COMMA), refuses_file=True)
    yield ValueRule("out_of_range", f"abs({number}) > {LARGEST_NUMBER}")
    yield ValueRule(f"not_a_{kind}", f"{text} is not null and ({value} is null or not {like(text, _NUMBER)})")
    if kind in ("integer", "bigint"):
        yield ValueRule(f"not_a_{kind}", f"{number} <> {value}")


def like(text: str, pattern: str) -> str:
    """SQL that is true where the whole text follows a pattern."""
    return f"coalesce(regexp_full_match({text}, {literal(pattern)}), false)"


def mended_code(text: str) -> str:
    """A code as it was meant: wide and other compatible characters as plain ones, hidden ones and hard blanks gone."""
    shown = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    return " ".join(shown.split())


_REMEDIES = {
    "missing_value": "a value is required",
    "scientific_notation": "a spreadsheet made a number of the code: export it as text",
    "placeholder": "a placeholder is not a value: leave the field empty, or look the value up",
    "decimal_comma": "a decimal comma: export numbers with a decimal point and without thousands separators",
    "two_digit_year": "a year of two digits: export dates as YYYY-MM-DD",
    "ambiguous_date": "day or month first? Export dates as YYYY-MM-DD",
    "date_with_zone": "the day depends on the time zone: export the company's local day as YYYY-MM-DD",
    "not_accepted": "not one of the words that the contract accepts",
    "not_a_boolean": "write true or false",
    CHANGED_IN_THE_FUTURE: "changed more than a day after the extract was taken: the clock that wrote it is ahead",
    "no_such_local_time": "the clock skips this hour when summer time starts",
}
_LOOKS_LIKE = (
    (re.compile(r"[+-]?\d{1,3}([ ',]\d{3})+(\.\d+)?"), "thousands separators: export numbers without them"),
    (re.compile(r"[\d.,]+-"), "the minus stands behind the number: put it in front"),
    (re.compile(r"[+-]?(inf|infinity|nan)", re.IGNORECASE), "not a finite number"),
    (re.compile("[0-9.,+-]*[^\x00-\x7f][^A-Za-z]*"), "wide digits or hidden blanks in a number"),
    (re.compile("|".join(map(re.escape, PLACEHOLDERS)), re.IGNORECASE), "a placeholder is not a value: leave the field empty"),
)  # fmt: skip


def _declared_words(column: Column, written: Format) -> str:
    """How values of a column are declared to be written; empty where it is the strict way."""
    if column.data_type == "boolean":
        return (
            " / ".join((", ".join(written.true_words), ", ".join(written.false_words)))
            if written.true_words
            else ""
        )
    if column.data_type in ("date", "timestamp"):
        return " or ".join(written.date) if written.date != STRICT.date else ""
    said = {
        f"decimal {written.decimal!r}": written.decimal != STRICT.decimal,
        f"thousands {written.thousands!r}": written.thousands != STRICT.thousands,
        "minus behind the number": written.sign != STRICT.sign,
    }
    return ", ".join(words for words, is_so in said.items() if is_so)


def remedy(rule_id: str, example: str, column: Column, written: Format = STRICT) -> str:
    """What is wrong with a value and what to do, in words; empty where the rule says it all."""
    if rule_id == "not_accepted":
        return f"accepted: {', '.join(column.accepted_values)}"
    if rule_id.startswith("not_a_") and (declared := _declared_words(column, written)):
        return f"declared: {declared}"
    if rule_id in _REMEDIES:
        return _REMEDIES[rule_id]
    if rule_id == "out_of_range":
        is_day = column.data_type in ("date", "timestamp")
        return (
            f"days run from {FIRST_DAY} to {LAST_DAY}"
            if is_day
            else f"no number is above {LARGEST_NUMBER:.0e}"
        )
    if rule_id in ("not_a_date", "not_a_timestamp"):
        return "no such day, or not written as YYYY-MM-DD"
    if rule_id in ("not_a_integer", "not_a_bigint") and re.fullmatch(r"[+-]?\d*\.\d+", example.strip()):
        return "not a whole number"
    return next((words for look, words in _LOOKS_LIKE if look.fullmatch(example.strip())), "")
