"""Put faults into the monthly refresh of a small company, at every point and at random times, and look what they leave.

    python tests/faults/campaign.py [--points 1-400] [--seconds 3600] [--folder DIR] [--resume] ...

1. every point  One refresh is stopped at every point for a moment and its home is looked at as a kill would leave it.
                States that the next run could tell apart are copied; each copy is checked and run again.
2. real kills   A refresh is really killed at points of every step and kind: it must leave the state that was copied.
3. failures     The effect fails (disk full, refused, broken), the solver fails, dbt does not start or is ended.
4. full disks   The disk has room for so many MB more, or no file may grow beyond so many: it ends where it ends.
5. random kills At random times: the whole process group, or the leader alone, whose dbt must end with it; readers read.
                One more refresh is stopped at random moments and copied as a kill would leave it.
6. pairs        Two refreshes at once: one runs, the other says who holds the home.

Prints progress, a table of points by step and kind, and one closing line; exit code 1 where an invariant did not hold.
What is done stands in <folder>/results.jsonl; `--resume` goes on from there. Add here: a round, as a line of
`DONE_BY`. Keep out: what a round does (its module), invariants (`states`).
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from at_points import check_states, fail_at_points, kill_at_points, rubbish, survey
from at_random import kill_at_random, stop_at_random
from children import load
from full_disks import fill_disk
from grounds import Campaign
from options import QUICK, parse
from pairs import pairs
from report import closing_line, table_of

DONE_BY: dict[str, Callable[[Campaign], None]] = {
    "survey": survey,
    "check_states": check_states,
    "rubbish": rubbish,
    "kill_at_points": kill_at_points,
    "fail_at_points": fail_at_points,
    "fill_disk": fill_disk,
    "kill_at_random": kill_at_random,
    "stop_at_random": stop_at_random,
    "pairs": pairs,
}
"""Round -> what does it, in the order in which they are done."""


def run(campaign: Campaign) -> int:
    """All rounds, then the table and the closing line."""
    campaign.prepare()
    rounds = campaign.options.only or [*DONE_BY]
    if {"check_states", "kill_at_points", "fail_at_points"} & set(rounds):
        rounds = ["survey", *(name for name in rounds if name != "survey")]
    for name in rounds:
        campaign.say(f"-- {name.replace('_', ' ')}")
        DONE_BY[name](campaign)
    if "survey" in campaign.done:
        campaign.say(table_of(campaign.points))
    campaign.say(closing_line(campaign))
    return 1 if any(found.get("problems") for found in campaign.done.values()) else 0


def main() -> int:
    options = parse((__doc__ or "").splitlines()[0], rounds=DONE_BY)
    if options.quick:
        vars(options).update(QUICK, refresh_seconds=3.0)
    for name in [name for name in os.environ if name.startswith("SOP_")]:
        del os.environ[name]
    load()
    if options.folder:
        options.folder.mkdir(parents=True, exist_ok=True)
        return run(Campaign(options, options.folder.resolve()))
    with tempfile.TemporaryDirectory(prefix="sop-faults-") as folder:
        return run(Campaign(options, Path(folder).resolve()))


if __name__ == "__main__":
    sys.exit(main())
