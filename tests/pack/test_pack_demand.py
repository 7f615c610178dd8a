"""What the pack shows of demand, the forecast, and what each step and person added to it."""

from __future__ import annotations

import re

import pandas as pd
from pack_page import section_of


def test_history_older_than_two_years_is_left_out(tables, render):
    plan = tables["marts.fct_demand_outlook"]
    recent = {**tables, "marts.fct_demand_outlook": plan[plan["period_start_date"] >= "2024-01-01"]}
    assert section_of(render(recent), "demand") == section_of(render(tables), "demand")


def test_the_legend_of_demand_names_what_is_drawn_and_no_more(tables, render):
    outlook = tables["marts.fct_demand_outlook"]
    drawn = {
        "last_year_units": "Same month a year before",
        "budget_units": "Budget",
        "upper_95_units": "95 % interval",
    }
    for column, name in drawn.items():
        without = {**tables, "marts.fct_demand_outlook": outlook.assign(**{column: float("nan")})}
        assert f"</i>{name}</li>" in section_of(render(tables), "demand")
        assert f"</i>{name}</li>" not in section_of(render(without), "demand")


def test_the_interval_of_the_company_is_drawn_as_the_mart_has_it(tables, render):
    """Not as the sum of those of the families: with a wider company interval the picture changes."""
    outlook = tables["marts.fct_demand_outlook"]
    is_company = outlook["level"] == "company"
    wider = outlook.assign(
        upper_95_units=outlook["upper_95_units"].where(~is_company, outlook["upper_95_units"] * 2)
    )
    page, other = (
        section_of(render(tables | {"marts.fct_demand_outlook": rows}), "demand") for rows in (outlook, wider)
    )
    total, families = page.split("<figure>")[1:]
    assert other.split("<figure>")[1] != total
    assert other.split("<figure>")[2] == families


def test_a_family_without_an_interval_is_named(tables, render):
    outlook = tables["marts.fct_demand_outlook"]
    bounds = [column for column in outlook.columns if column.startswith(("lower_", "upper_"))]
    outlook.loc[outlook["level_id"] == "Helmets", bounds] = None
    shown = section_of(render(tables), "demand")
    assert "No interval for Helmets: too little demand" in shown
    assert "95 % interval" in shown


def test_each_step_of_the_forecast_says_what_it_added_and_whether_that_is_proven(tables, render):
    shown = section_of(render(tables), "value-added")
    for said in ("32.0 %", "+9.0 points · proven better", "−0.8 points · proven worse",
                 "no change · changed nothing", "21.8 %"):  # fmt: skip
        assert said in shown
    assert "Sales forecasts" not in shown.split("<table")[0]  # a step that no release has is not drawn


def test_people_and_overrides_are_listed_with_their_record(tables, render):
    shown = section_of(render(tables), "value-added")
    assert re.findall(r'<td class="[^"]*name[^"]*">([^<]*)</td>', shown) == [
        "demand.planning", "sales.west", "not recorded", "OV-7",
    ]  # fmt: skip
    row = shown[shown.index("sales.west") :].split("</tr>")[0]
    assert re.findall(r"<td[^>]*>(.*?)</td>", row) == [
        "Sales forecasts",
        "41",
        "−310",
        "−15.5",
        "−0.78",
        "◆ proven worse",
    ]
    assert "never shown below its level" not in shown
    assert "published before overrides were kept one by one" in shown


def test_what_changed_since_the_cycle_before_is_shown_by_layer(tables, render):
    shown = section_of(render(tables), "waterfall")
    assert "change since cycle 2025-12" in shown
    layers = dict(re.findall(r'name[^"]*">([^<]*)</td>(.*?)</tr>', shown, re.DOTALL))
    months = {name: re.findall(r"<td[^>]*>([^<]*)</td>", cells) for name, cells in layers.items()}
    assert months["Demand plan"] == ["+25"] * 12 + [""] * 6  # the cycle before planned no further
    assert months["Statistical forecast"] == ["+40"] * 12 + [""] * 6
    assert months["Launches"] == ["−15"] * 12 + [""] * 6
    assert "December 2025 (closed)" in shown and "January 2026" in shown
    # nobody changed an override by a unit
    kept = tables["marts.fct_forecast_waterfall"]
    tables["marts.fct_forecast_waterfall"] = kept.assign(override_change_units=0.2)
    assert ">Overrides</td>" not in section_of(render(tables), "waterfall")


def test_a_company_in_its_second_cycle_is_told_when_the_lines_start(tables, render):
    added = tables["marts.fct_forecast_value_added"]
    tables["marts.fct_forecast_value_added"] = added[(added["lag_months"] == 0) & (added["detail"] == "step")]
    page = render(tables)
    assert "two cycles after the first" in section_of(page, "accuracy")
    assert "nobody's record can be shown yet" in section_of(page, "value-added").replace("&#39;", "'")
    assert "none can be judged yet" in section_of(page, "value-added")
    assert "made at the start of the month" in section_of(page, "value-added")


def test_a_forecast_that_errs_to_one_side_is_marked_with_a_sign(tables, render):
    accuracy = section_of(render(tables), "accuracy")
    assert re.findall(r"▲ ([^<]+)</td>", accuracy) == ["−4.6"]
    row = accuracy[accuracy.index("Helmets") :].split("</tr>")[0]
    assert "▲ −4.6" in row


def test_causes_of_errors_are_those_of_the_longest_lag(tables, render):
    causes = section_of(render(tables), "causes")
    assert "Company, December 2025, forecast made 1 month before" in causes
    assert "Empty shelf" in causes and "621" in causes and "620" not in causes
    assert "2 causes seen in more than one cycle, 1 of them in three or more without an action" in causes
    assert "none ◆ needs one" in causes and "AC-1" in causes


def test_streams_that_say_the_same_stand_in_one_line(tables, render):
    conflicts = tables["marts.fct_conflicts"]
    also = conflicts.head(1).assign(conflict_id="CF:also", party_b="sales")
    another = also.assign(conflict_id="CF:another", party_a="statistical")
    tables["marts.fct_conflicts"] = pd.concat([conflicts, also, another])
    shown = section_of(render(tables), "conflicts")
    assert "3 conflicts not resolved, of 4" in shown
    assert "budget, statistics 1,000" in shown and "demand plan, sales 1,300" in shown
    assert shown.count("Helmets") == 1
