"""What a campaign says at its end: points by step and kind, and one closing line.

Add here: a figure of the closing line. Keep out: what is said while it runs (`grounds.Campaign.note`).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

from grounds import Campaign


def table_of(points: list[dict[str, Any]]) -> str:
    """Points by step (rows, as they come) and kind (columns)."""
    steps = list(dict.fromkeys(point["step"] for point in points))
    kinds = [kind for kind, _ in Counter(point["kind"] for point in points).most_common()]
    count = Counter((point["step"], point["kind"]) for point in points)
    width = max(map(len, steps), default=4) + 2

    def line(head: str, cells: Iterator[Any]) -> str:
        return head.ljust(width) + "".join(
            str(cell or "").rjust(len(kind) + 2) for cell, kind in zip(cells, [*kinds, "total"], strict=True)
        )

    rows = [line("step", iter([*kinds, "total"]))]
    for step in steps:
        cells = [count[step, kind] for kind in kinds]
        rows.append(line(step, iter([*cells, sum(cells)])))
    totals = [sum(count[step, kind] for step in steps) for kind in kinds]
    return "\n".join([*rows, line("all", iter([*totals, sum(totals)]))])


def closing_line(campaign: Campaign) -> str:
    def of(word: str) -> str:
        found = [result for what, result in campaign.done.items() if what.startswith(word)]
        return f"{sum(not result['problems'] for result in found)}/{len(found)}"

    points = campaign.points if "survey" in campaign.done else []
    keys = {point["key"] for point in points}
    whole = [p for p in points if not campaign.done.get(f"whole {p['key']}", {"problems": [1]})["problems"]]
    equal = [k for k in keys if not campaign.done.get(f"again {k}", {"problems": [1]})["problems"]]
    kills = [result for what, result in campaign.done.items() if what.startswith("kill ")]
    same = sum(result["is_same_state"] for result in kills)
    told = [result["seconds"] for what, result in campaign.done.items() if what.startswith("pair")]
    minutes = (time.monotonic() - campaign.started) / 60
    return (
        f"faults: {len(points)} points, {len(whole)} whole, {len(keys)} states, {len(equal)} run again equal; "
        f"kills at points {of('kill ')} ({same} in the very state), failures {of('fail ')}, "
        f"full disks {of('disk')} and {of('files')}, random kills {of('random kill')}, stops "
        f"{of('random stop')}, after them {of('again after random')} equal runs, pairs {of('pair')} "
        f"(told in at most {max(told, default=0):.1f} s); {minutes:.0f} min"
    )
