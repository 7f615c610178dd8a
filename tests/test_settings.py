"""Settings: what wins, what is remembered, what is refused."""

from pathlib import Path

import pytest

from sop_pipeline.settings import SettingsError, load_settings, open_home


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SOP_HOME", "SOP_SOURCE", "SOP_INPUT_DIR", "SOP_CURRENCY"):
        monkeypatch.delenv(name, raising=False)


def test_a_home_remembers_the_company_it_was_opened_with(tmp_path: Path) -> None:
    open_home(load_settings(home=tmp_path, source="contract", input_dir=tmp_path, currency="EUR"))
    again = load_settings(home=tmp_path)
    assert (again.source, again.input_dir, again.currency) == ("contract", tmp_path, "EUR")


def test_the_command_line_wins_over_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOP_SOURCE", "contract")
    assert load_settings(home=tmp_path).source == "contract"
    assert load_settings(home=tmp_path, source="demo").source == "demo"


def test_another_company_s_home_is_refused(tmp_path: Path) -> None:
    open_home(load_settings(home=tmp_path, source="demo"))
    with pytest.raises(
        SettingsError, match=r"belongs to another company(.|\n)*source.*'demo', now 'contract'"
    ):
        load_settings(home=tmp_path, source="contract")


def test_every_bad_setting_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SOP_HORIZON_MONTHS", "6")
    monkeypatch.setenv("SOP_WORKING_DAY", "first")
    with pytest.raises(SettingsError) as caught:
        load_settings(home=tmp_path)
    assert "horizon_months" in str(caught.value)
    assert "working_day" in str(caught.value)
