"""A BI client: opens `current` again and again until it is told to stop, and says what it saw.

Started by `test_release_readers.py` with a home. One publication writes the same number into every table's
cycle, so a release that mixes two publications shows two numbers.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import duckdb


def read_once(home: Path) -> tuple[str, set[str]]:
    """The release that `current` names at this moment, and the numbers found in all of it."""
    release = (home / "current").resolve(strict=True)
    parquet = sorted(str(path) for path in (release / "marts" / "kpi_scorecard").glob("*.parquet"))
    with duckdb.connect(str(release / "sop.duckdb"), read_only=True) as connection:
        name = connection.execute("select release_id from main.release_facts").fetchall()
        numbers = connection.execute(
            "select distinct lines from marts.kpi_scorecard where lines is not null"
            " union select min(forecast_units)::int from marts.fct_demand_plan"
            " union select max(lines) from read_parquet(?)",
            [parquet],
        ).fetchall()
    stated = json.loads((release / "manifest.json").read_bytes())["tables"][1]["control_totals"]["lines"]
    assert name == [(release.name,)], f"{release.name} calls itself {name}"
    return release.name, {str(number) for (number,) in numbers} | {stated}


def main(home: Path) -> None:
    seen: dict[str, int] = {}
    print("ready", flush=True)
    while not (home / "stop").exists():
        release, numbers = read_once(home)
        if len(numbers) != 1:
            raise SystemExit(f"{release} is torn: {sorted(numbers)}")
        seen[release] = seen.get(release, 0) + 1
    print(json.dumps(seen))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
