"""Rules become Dagster asset checks: one gate a border.

A gate is one step that runs all rules of its border, because importing Great Expectations costs more than running it.
A critical rule blocks: what follows its table in the same run waits for the gate and does not start when it fails.
Where a table of the gate is built from another one of it in a later step, the earlier one must not hold back: the steps
would wait for each other, and Dagster would part the gate. See `Rule.holds_back`.
Add here: how results are shown in Dagster. Keep out: rules, the order of assets, great_expectations at import.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import dagster as dg
import pandas as pd

from quality.rules import Rule, require_sound

if TYPE_CHECKING:
    from quality.suites import RuleResult

PARTITION_TAG = "dagster/partition"

RecordResults = Callable[[str, pd.DataFrame], None]
"""Takes the cycle's identifier and `results_frame` of the gate. Not called when a run selects a part of the checks:
a gate that was judged in part says nothing about what is published."""


def build_gate(
    name: str, rules: Sequence[Rule], reader: str = "warehouse", record: RecordResults | None = None
) -> dg.AssetChecksDefinition:
    """One multi-asset check over all rules of a border.

    `reader` is the key of a resource with `scanning()` (see `counting.Scanning`); the run's partition is the cycle.
    Rules of a table that share a check are one check: it fails with the worst of them.
    """
    require_sound(rules)

    @dg.multi_asset_check(
        name=name,
        specs=[check_spec(name, shared) for name, shared in by_check(rules).items()],
        required_resource_keys={reader},
        can_subset=True,
        description=f"{len(rules)} data rules at the border '{name}'. Each says why it is there.",
    )
    def gate(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        from quality.suites import results_frame, run_rules

        cycle_id = cycle_of(context)
        selected = [rule for rule in rules if check_key(rule) in context.selected_asset_check_keys]
        results = run_rules(selected, getattr(context.resources, reader).scanning, cycle_id)
        if record is not None and len(selected) == len(rules):
            record(cycle_id, results_frame(results))
        by_rule = {result.rule.name: result for result in results}
        for shared in by_check(selected).values():
            yield check_result([by_rule[rule.name] for rule in shared])

    return gate


def asset_key(table: str) -> dg.AssetKey:
    """`marts.kpi_scorecard` is the asset ["marts", "kpi_scorecard"]."""
    return dg.AssetKey(table.split("."))


def check_key(rule: Rule) -> dg.AssetCheckKey:
    return dg.AssetCheckKey(asset_key(rule.table), rule.check_name())


def by_check(rules: Sequence[Rule]) -> dict[dg.AssetCheckKey, list[Rule]]:
    """Rules by the check that shows them, in their order."""
    shared: dict[dg.AssetCheckKey, list[Rule]] = {}
    for rule in rules:
        shared.setdefault(check_key(rule), []).append(rule)
    return shared


def check_spec(key: dg.AssetCheckKey, rules: Sequence[Rule]) -> dg.AssetCheckSpec:
    is_shared = bool(rules[0].check)
    return dg.AssetCheckSpec(
        name=key.name,
        asset=key.asset_key,
        blocking=any(rule.severity == "critical" and rule.holds_back for rule in rules),
        description=f"{len(rules)} rules that follow from the table's contract."
        if is_shared
        else rules[0].why,
    )


def check_result(results: "Sequence[RuleResult]") -> dg.AssetCheckResult:
    """One check of one rule, or of all that share it; critical where a critical rule failed or none did."""
    failed = [result for result in results if not result.passed]
    critical = any(result.rule.severity == "critical" for result in failed or results)
    examples = [example for result in failed or results for example in result.examples]
    return dg.AssetCheckResult(
        check_name=results[0].rule.check_name(),
        asset_key=asset_key(results[0].rule.table),
        passed=not failed,
        severity=dg.AssetCheckSeverity.ERROR if critical else dg.AssetCheckSeverity.WARN,
        description=" ".join(map(_failure, failed)) or None,
        metadata={
            "why": " ".join(result.rule.why for result in failed) or results[0].rule.why,
            "rules": len(results),
            "unexpected_count": sum(result.unexpected_count for result in results),
            "element_count": results[0].element_count,
            "examples": dg.MetadataValue.md("\n".join(map(_literal, examples)) or "none"),
        },
    )


def cycle_of(context: dg.AssetCheckExecutionContext) -> str:
    """A check has no partition of its own: the cycle is the partition of the run it is part of."""
    cycle_id = context.run.tags.get(PARTITION_TAG)
    if cycle_id is None:
        raise dg.Failure(
            f"The run has no '{PARTITION_TAG}' tag, so the rules do not know their cycle. Launch the gate "
            f"with a cycle."
        )
    return cycle_id


def _failure(result: "RuleResult") -> str:
    shared = f" {result.rule.name}:" if result.rule.check else ""
    return (
        f"{result.rule.table}:{shared} {result.unexpected_count} of {result.element_count} rows; "
        f"{'; '.join(result.examples)}. {result.rule.why}"
    )


def _literal(text: str) -> str:
    """Values come from outside: shown as code, so that no mark-up in a name takes effect."""
    return "- `" + text.replace("`", "'") + "`"
