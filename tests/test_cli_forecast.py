"""`sop forecast`: a file in, a file out, a summary; what cannot be read is said with its remedy and exit code 2."""

import json
import sys

import numpy as np
import pandas as pd
import pytest

from sop_pipeline.cli import main


@pytest.fixture
def panel(tmp_path):
    random = np.random.default_rng(0)
    months = pd.date_range("2022-01-01", periods=40, freq="MS").strftime("%Y-%m-%d")
    rows = [
        pd.DataFrame({"item": f"00{k}", "month": months, "qty": 50 + random.normal(0, 5, 40), "family": "F"})
        for k in range(3)
    ]
    path = tmp_path / "panel.csv"
    pd.concat(rows).to_csv(path, index=False)
    return path


@pytest.fixture
def sop(monkeypatch, capsys):
    def run(*arguments: object) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["sop", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out + said.err

    return run


def test_a_csv_becomes_a_file_of_forecasts_and_a_summary(sop, panel, tmp_path):
    target = tmp_path / "out.csv"
    code, said = sop("forecast", panel, "--horizon", 4, "--fast", "--out", target, "--json")
    assert code == 0
    assert json.loads(said)["series_by_reason"] == {"backtest": 3}
    made = pd.read_csv(target, dtype={"unique_id": str})
    assert made["unique_id"].unique().tolist() == ["000", "001", "002"]  # leading zeros stay
    assert made["ds"].min() == "2025-05-01"
    assert len(made) == 12


def test_levels_are_written_beside_the_series(sop, panel, tmp_path):
    target = tmp_path / "out.parquet"
    assert sop("forecast", panel, "--horizon", 2, "--fast", "--levels", "family", "--out", target)[0] == 0
    made = pd.read_parquet(target)
    sums = made.groupby(["level", "ds"])["forecast"].sum().unstack("level")
    assert (sums["total"] == sums["series"]).all()
    assert (sums["family"] == sums["series"]).all()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--value", "amount"], "no column holds the quantity: 'amount'; say --value COLUMN"),
        (["--levels", "region"], "column 'region' of --levels is not there"),
        (["--out", "x.xlsx"], "ends in .parquet or .csv"),
        (["--gaps", "guess"], "say zero (no row, no demand) or interpolate"),
        (["--freq", "fortnight"], "Known: Y, Q, M, W, D, h"),
    ],
)
def test_a_wrong_word_is_said_with_its_remedy(sop, panel, arguments, words):
    code, said = sop("forecast", panel, "--horizon", 4, *arguments)
    assert code == 2
    assert words in " ".join(said.split())


def test_a_file_that_is_not_there_or_no_panel_is_said(sop, tmp_path):
    assert sop("forecast", tmp_path / "no.csv", "--horizon", 4)[0] == 2
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"no parquet")
    code, said = sop("forecast", broken, "--horizon", 4)
    assert code == 2
    assert "cannot be read as Parquet" in said
