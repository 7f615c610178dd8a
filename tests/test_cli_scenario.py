"""`sop scenario`: a planner's own changes against the plan of the last refresh; a bad file is told whole, with exit code 2."""

from __future__ import annotations

import json
import sys

import pytest

from sop_pipeline.cli import main

HEAD = "scenario_id,lever_type,scope,scope_id,operation,lever_value,first_period_start_date"


@pytest.fixture
def asked(monkeypatch, capsys):
    def run(*arguments: object) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["sop", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out + said.err

    return run


def test_everything_wrong_with_a_file_is_told_at_once(asked, tmp_path):
    file = tmp_path / "bad.csv"
    file.write_text(f"{HEAD}\nx,demnd,item,A,multiply,much,05/2026\n")
    code, said = asked("scenario", file)
    assert code == 2
    assert "3 problem(s)" in said
    assert "lever_type 'demnd' is none of demand, capacity" in said
    assert "lever_value 'much' is no number" in said
    assert "first_period_start_date '05/2026' is no day YYYY-MM-DD" in said


@pytest.mark.parametrize(
    ("text", "words"), [("scope,scope_id\na,b\n", "has no column lever_type"), (f"{HEAD}\n", "has no row")]
)
def test_a_file_that_holds_no_change_is_refused(asked, tmp_path, text, words):
    file = tmp_path / "none.csv"
    file.write_text(text)
    code, said = asked("scenario", file)
    assert code == 2
    assert words in said


def test_changes_are_solved_and_compared_and_the_home_stays_as_it_is(asked, tmp_path, published_home):
    file = tmp_path / "what-if.csv"
    file.write_text(
        f"{HEAD}\nmore,demand,company,all,multiply,1.1,\nsame,demand,company,all,multiply,1,\ntypo,demand,item,?,add,1,\n"
    )
    before = {path: path.stat().st_mtime_ns for path in (published_home.root / "lake").rglob("*.parquet")}
    code, said = asked("scenario", file, "--home", published_home.root, "--json")
    assert code == 0
    told = {row["scenario_id"]: row for row in json.loads(said)}
    assert told["more"]["demand_units"] > told["base"]["demand_units"]
    assert told["same"]["result_hash"] == told["base"]["result_hash"] != told["more"]["result_hash"]
    assert told["typo"]["reason"] == "lever 1 (demand of item ?) finds nothing to change"
    assert before == {
        path: path.stat().st_mtime_ns for path in (published_home.root / "lake").rglob("*.parquet")
    }
