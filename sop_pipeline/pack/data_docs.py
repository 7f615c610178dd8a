"""The data docs of a cycle: every data rule with what it asked and what it found, and what became of what was delivered.

One HTML page that needs nothing else: no script, no network, everything that comes from data escaped. It is the document
of the gates (Great Expectations' own pages load their looks from the network, and show frames that we never hand over).
The same results give the same bytes. Add here: another view of what the gates and ingest know. Keep out: judging
(`quality`), counting (marts.fct_data_quality).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import pandas as pd

from sop_pipeline.pack import words
from sop_pipeline.pack.render import content_policy, page_environment

DOCUMENTED = ("ingest.deliveries", "ingest.repairs", "marts.fct_quarantined_rows", "marts.fct_data_quality")
"""Tables that the page shows beside the results of the gates."""

GATE_WORDS = {
    "arrivals": ("What arrived", "Is it this month's extract, is it all of it, can the numbers be true?"),
    "core": (
        "The core that planning reads",
        "Is there enough to plan with, and nothing that can hardly be right?",
    ),
    "demand": ("The demand plan", "May supply be planned for it?"),
    "plan": ("The supply plan", "Can it be carried out?"),
    "publication": ("What is published", "Could an executive act on it?"),
}
EXAMPLES_OF_A_RULE = 5


@dataclass(frozen=True)
class Status:
    """How a rule, a table or a gate came off: a word, and the tone that it is shown in."""

    word: str
    tone: str


HELD, WARNED, FAILED = Status("held", "green"), Status("warning", "amber"), Status("failed", "red")


def render_data_docs(
    results: Mapping[str, pd.DataFrame],
    tables: Mapping[str, pd.DataFrame],
    cycle_id: str,
    company_name: str,
    currency_code: str,
) -> bytes:
    """The page. `results`: gate -> rows of its table of results; `tables`: frames of DOCUMENTED."""
    gates = [_gate(name, frame) for name, frame in results.items() if len(frame)]
    quality = tables["marts.fct_data_quality"]
    style = "\n".join(
        files(__package__).joinpath(name).read_text(encoding="utf-8")
        for name in ("page.css", "data_docs.css")
    )
    source = files(__package__).joinpath("data_docs.html.j2").read_text(encoding="utf-8")
    page = (
        page_environment()
        .from_string(source)
        .render(
            company_name=company_name,
            cycle_id=cycle_id,
            currency_code=currency_code,
            facts=_facts(gates, quality, tables["ingest.deliveries"]),
            gates=gates,
            waterfall=_waterfall(quality),
            kept_out=_kept_out(tables["marts.fct_quarantined_rows"]),
            repairs=_repairs(tables["ingest.repairs"]),
            deliveries=_deliveries(tables["ingest.deliveries"]),
            style=style,
            policy=content_policy(style),
        )
    )
    return page.encode("utf-8")


def _gate(name: str, frame: pd.DataFrame) -> dict[str, Any]:
    title, question = GATE_WORDS.get(name, (words.sentence_case(name), ""))
    rules = [_rule(row) for row in frame.to_dict("records")]
    tables: dict[str, list[dict[str, Any]]] = {}
    for rule in rules:
        tables.setdefault(rule["table"], []).append(rule)
    listed = [
        {
            "name": table,
            "rules": sorted(of_table, key=lambda rule: (rule["rank"], rule["is_implied"], rule["name"])),
            "status": _worst(of_table),
            "count": words.plural(len(of_table), "rule"),
            "rows": words.number(max(rule["rows"] for rule in of_table)),
        }
        for table, of_table in sorted(tables.items())
    ]
    listed.sort(key=lambda table: ({"red": 0, "amber": 1, "green": 2}[table["status"].tone], table["name"]))
    return {
        "anchor": f"gate-{name}",
        "title": title,
        "question": question,
        "tables": listed,
        "status": _worst(rules),
        "rules": len(rules),
        "held": sum(rule["status"] is HELD for rule in rules),
        "warned": sum(rule["status"] is WARNED for rule in rules),
        "failed": sum(rule["status"] is FAILED for rule in rules),
    }


def _rule(row: Mapping[str, Any]) -> dict[str, Any]:
    status = HELD if row["passed"] else FAILED if row["severity"] == "critical" else WARNED
    is_implied = row["origin"] == "contract"
    name = str(row["rule"]).split("__", 1)[-1] if is_implied else str(row["rule"])
    return {
        "name": words.sentence_case(name),
        "table": row["table_name"],
        "is_implied": is_implied,
        "severity": row["severity"],
        "expected": row["expected"],
        "observed": row["observed"],
        "examples": "" if row["passed"] or words.is_empty(row["examples"]) else row["examples"],
        "why": row["why"],
        "expectation": row["expectation"],
        "status": status,
        "rank": [FAILED, WARNED, HELD].index(status),
        "rows": int(row["element_count"]),
    }


def _worst(rules: list[dict[str, Any]]) -> Status:
    statuses = [rule["status"] for rule in rules]
    return next((status for status in (FAILED, WARNED) if status in statuses), HELD)


def _facts(
    gates: list[dict[str, Any]], quality: pd.DataFrame, deliveries: pd.DataFrame
) -> list[tuple[str, str]]:
    rows = quality.groupby("outcome")["row_count"].sum()

    def of(outcome: str) -> int:
        return int(rows.get(outcome, 0))

    return [
        ("Rules judged", words.number(sum(gate["rules"] for gate in gates))),
        ("Held", words.number(sum(gate["held"] for gate in gates))),
        ("Warnings", words.number(sum(gate["warned"] for gate in gates))),
        ("Failed", words.number(sum(gate["failed"] for gate in gates))),
        ("Rows delivered", words.number(int(deliveries["delivered_rows"].sum()))),
        ("Quarantined", words.number(of("quarantined"))),
        ("Skipped", words.number(of("skipped"))),
    ]


def _waterfall(quality: pd.DataFrame) -> list[dict[str, str]]:
    """Delivered, what left on the way, loaded: a line a table, those that lost something first."""
    lines = []
    for table, of_table in quality.groupby("table_name"):
        by_outcome = of_table.groupby("outcome")[["row_count", "quantity", "money"]].sum(min_count=1)
        if _figure(by_outcome, "delivered", "row_count") in ("0", words.EMPTY):
            continue
        left = [name for name in ("quarantined", "skipped") if name in by_outcome.index]
        lines.append(
            {"table": str(table), "rank": 0 if left else 1}
            | {
                f"{outcome}_{measure}": _figure(by_outcome, outcome, measure)
                for outcome in ("delivered", "quarantined", "skipped", "loaded")
                for measure in ("row_count", "quantity", "money")
            }
        )
    return sorted(lines, key=lambda line: (line["rank"], line["table"]))


def _figure(by_outcome: pd.DataFrame, outcome: str, measure: str) -> str:
    if outcome not in by_outcome.index or words.is_empty(by_outcome.at[outcome, measure]):
        return words.EMPTY
    return words.number(float(by_outcome.at[outcome, measure]))


def _kept_out(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """By table and rule, most rows first, with examples in the words of the file."""
    groups = []
    for (table, where, rule), found in rows.groupby(["table_name", "kept_out_where", "rule_id"]):
        money = found["kept_out_value"].sum(min_count=1)
        groups.append(
            {
                "table": table,
                "where": where,
                "rule": rule,
                "rows": len(found),
                "money": words.EMPTY if words.is_empty(money) else words.number(float(money)),
                "is_lost": bool(found["is_lost"].iloc[0]),
                "problem": found["problem"].iloc[0],
                "examples": [
                    {
                        "file": words.EMPTY if words.is_empty(row["file_name"]) else row["file_name"],
                        "row": row["source_row_number"],
                        "text": "" if words.is_empty(row["original_text"]) else row["original_text"],
                        "problem": row["problem"],
                    }
                    for row in found.sort_values(["file_name", "source_row_number"])
                    .head(EXAMPLES_OF_A_RULE)
                    .to_dict("records")
                ],
            }
        )
    return sorted(
        groups, key=lambda group: (not group["is_lost"], -group["rows"], group["table"], group["rule"])
    )


def _repairs(repairs: pd.DataFrame) -> list[dict[str, str]]:
    return [
        {
            "table": row["table_name"],
            "file": row["file_name"],
            "repair": row["repair"],
            "rows": words.number(row["repaired_rows"]) if row["repaired_rows"] else "the file",
        }
        for row in repairs.sort_values(["table_name", "repair"]).to_dict("records")
    ]


def _deliveries(deliveries: pd.DataFrame) -> list[dict[str, str]]:
    return [
        {
            "table": row["table_name"],
            "file": words.EMPTY if words.is_empty(row["file_name"]) else row["file_name"],
            "rows": words.number(row["delivered_rows"]),
            "bytes": words.number(row["file_bytes"]),
            "sha256": "" if words.is_empty(row["file_sha256"]) else row["file_sha256"],
            "ignored": "" if words.is_empty(row["ignored_columns"]) else row["ignored_columns"],
        }
        for row in deliveries.sort_values("table_name").to_dict("records")
    ]
