"""`sop solve` and `sop benchmark` as a planner starts them: answers, files, and one message for all mistakes."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from sop_pipeline.cli import app
from sop_pipeline.settings import PROJECT_DIR

CASES = PROJECT_DIR / "examples" / "cases"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "200"})


def test_every_published_figure_of_the_textbooks_is_met():
    answer = run("benchmark", "--json")
    rows = json.loads(answer.stdout)
    assert answer.exit_code == 0, rows
    assert all(row["is_equal"] and row["is_audited_and_proven"] for row in rows)
    assert {row["case_id"] for row in rows} == {path.name for path in CASES.iterdir() if path.is_dir()}


def test_a_benchmark_that_differs_fails(tmp_path):
    (tmp_path / "published.csv").write_text(
        "case_id,objective,integer,figure,published_value,source\nmill,margin,no,objective_value,515034,wrong on purpose\n"
    )
    (tmp_path / "mill").symlink_to(CASES / "steel_mill")
    answer = run("benchmark", tmp_path)
    assert answer.exit_code == 1
    assert "differs" in answer.stdout


def test_the_answer_is_written_as_tables_and_summary(tmp_path):
    answer = run("solve", CASES / "red_tomato_tools", "--integer", "--out", tmp_path / "answer", "--json")
    assert answer.exit_code == 0
    said = json.loads(answer.stdout)
    assert said["objective_value"] == pytest.approx(422_660)
    assert json.loads((tmp_path / "answer" / "summary.json").read_text()) == said
    heads = pd.read_csv(tmp_path / "answer" / "labour.csv")["heads"]
    assert (heads == heads.round()).all()
    costs = pd.read_csv(tmp_path / "answer" / "costs.csv")["amount"].sum()
    assert costs == pytest.approx(422_660)


def test_a_template_is_a_case_once_demand_is_filled_in(tmp_path):
    assert run("solve", "--template", tmp_path).exit_code == 0
    (tmp_path / "demand.csv").write_text("item_id,demand_units\nA,5\n")
    (tmp_path / "sources.csv").write_text("source_id,source_type,item_id,unit_cost\nbuy,buy,A,2\n")
    answer = run("solve", tmp_path, "--json")
    assert json.loads(answer.stdout)["objective_value"] == pytest.approx(10)


def test_mistakes_are_told_without_a_traceback(tmp_path):
    assert run("solve").exit_code == 2
    missing = run("solve", tmp_path / "nowhere")
    assert missing.exit_code == 2
    assert "is no folder" in missing.stderr
    (tmp_path / "demand.csv").write_text('item_id;period;demand_units\nA;1;5\nA;2\n"A";3;7\n')
    broken = run("solve", tmp_path)
    assert broken.exit_code == 2
    assert "line 3 has 2 fields instead of 3" in broken.stderr


def test_every_table_and_parameter_is_listed():
    listed = json.loads(run("solve", "--tables", "--json").stdout)
    assert {"demand", "sources", "labour", "maintenance"} <= {table["name"] for table in listed["tables"]}
    assert all(field["description"] for table in listed["tables"] for field in table["fields"])
