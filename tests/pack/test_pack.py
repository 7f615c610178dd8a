"""The meeting pack: the same rows give the same page, it needs nothing else, and it says what it cannot show."""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
from pack_page import section_of

from sop_pipeline.pack import PACK_TABLES, render_pack
from sop_pipeline.pack.inputs import PackInputError

SECTIONS = {
    "scorecard": "Scorecard",
    "customers": "Customers",
    "accuracy": "Forecast accuracy",
    "causes": "Causes of forecast errors",
    "value-added": "Forecast value added",
    "demand": "Demand",
    "waterfall": "Change from cycle to cycle",
    "deviations": "Causes of supply deviations",
    "parameters": "Planning parameters",
    "capacity": "Capacity",
    "shortages": "Shortages",
    "policies": "Rules of the plan",
    "inventory": "Inventory",
    "risks": "Risks",
    "gap": "Supply against demand",
    "options": "Options and scenarios",
    "conflicts": "Conflicts between departments",
    "finance": "Financial projection",
    "people": "What people entered",
    "data-quality": "Data quality",
    "glossary": "Glossary",
}

# What a section says where its table has no row, and why that may be.
ABSENCES = {
    "marts.kpi_scorecard": "this cycle computed no KPI",
    "marts.fct_demand_outlook": "no series was ordered in the past",
    "marts.fct_forecast_performance": "No forecast accuracy yet",
    "marts.fct_forecast_value_added": "No value added yet",
    "marts.fct_forecast_waterfall": "Nothing to compare with: no earlier cycle",
    "marts.fct_supply_deviation_causes": "No deviation: nothing was due",
    "marts.fct_parameter_review": "No parameter is contradicted",
    "marts.fct_capacity_load": "the ERP carries no resource with hours",
    "marts.fct_resource_shortages": "No shortage: no resource, supplier, lane or store limits the plan",
    "marts.fct_shortage_chains": "nothing hangs on a limit",
    "marts.fct_policy_breaches": "The plan breaks no rule",
    "planning.plan_laws": "No rule is in force beside materials",
    "marts.fct_supply_options": "nobody has entered one",
    "marts.fct_scenario_kpis": "No scenario is active",
    "marts.fct_supply_demand_gap": "nothing is asked for in the horizon",
    "marts.fct_inventory_projection": "no item can be held at any site",
    "marts.fct_inventory_strategy": "No stock at the last close",
    "marts.fct_inventory_proposals": "No proposal: stock, orders and safety stocks",
    "marts.fct_supply_risks": "No risk: nothing that demand hangs on",
    "marts.fct_gap_to_goal": "No comparison with a budget",
    "marts.fct_financial_projection": "nothing is sold, made or bought",
    "marts.dim_terms": "The dictionary of this cycle is empty",
    "marts.fct_issues": "No issue is open",
    "marts.fct_actions": "No action is open",
    "marts.fct_assumption_results": "No assumption is registered",
    "marts.fct_activity_deltas": "as the cycle before released them",
    "marts.fct_customer_profiles": "No customer ordered",
    "marts.fct_deviation_cause_totals": "No cause of a forecast error yet",
    "marts.fct_cause_recurrence": "No cause was seen in more than one cycle",
    "marts.fct_conflicts": "No two streams differ by more than declared",
    "marts.fct_decisions": "No decision waits for the meeting",
    "marts.fct_events": "No event is expected in the horizon",
}


class Outline(HTMLParser):
    """Tags and attributes of a page, as a browser would take them."""

    def __init__(self, page: str):
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_every_section_is_there_in_its_order_and_in_the_contents(tables, render):
    page = render(tables)
    assert [attributes["id"] for attributes in Outline(page).all("section")] == list(SECTIONS)
    links = [
        attributes["href"] for attributes in Outline(page).all("a") if attributes["href"].startswith("#")
    ]
    assert links == [f"#{anchor}" for anchor in SECTIONS]
    assert all(title in section_of(page, anchor) for anchor, title in SECTIONS.items())


def test_the_cover_says_whose_plan_it_is_of_which_cycle_and_how_far_it_is_agreed(tables, render):
    page = render(tables, agreement="agreed on 2026-01-19", release_facts={"Contract version": "3"})
    cover = page.split("</header>")[0]
    for said in ("Northwind Cycles", "January 2026", "2026-01", "agreed on 2026-01-19", "EUR", "Contract version",
                 "closed through December 2025", "January 2026 to June 2027, 18 months"):  # fmt: skip
        assert said in cover


def test_the_same_rows_in_any_order_give_the_same_bytes(tables):
    first = render_pack(tables, "2026-01", "Northwind Cycles", "EUR")
    shuffled = {name: frame.sample(frac=1, random_state=7) for name, frame in tables.items()}
    assert render_pack(shuffled, "2026-01", "Northwind Cycles", "EUR") == first


def test_another_process_and_time_zone_give_the_same_bytes(tables):
    """Ids, fonts and dates do not come from the process, the machine's clock or its time zone."""
    code = (
        "import sys, hashlib; sys.path.insert(0, 'tests/pack'); import conftest; from sop_pipeline.pack import render_pack;"
        "print(hashlib.sha256(render_pack(conftest.make_tables(), '2026-01', 'Northwind Cycles', 'EUR')).hexdigest())"
    )
    environment = {"TZ": "Pacific/Auckland", "PYTHONHASHSEED": "7", "PATH": "/usr/bin:/bin", "LC_ALL": "C"}
    elsewhere = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    here = hashlib.sha256(render_pack(tables, "2026-01", "Northwind Cycles", "EUR")).hexdigest()
    assert elsewhere.stdout.strip() == here


def test_the_page_needs_nothing_from_outside(tables, render):
    page = render(tables)
    assert not re.search(r"https?:|//[a-z]|@import|url\((?!#)", page)
    loading = {"script", "link", "img", "iframe", "object", "embed", "base", "form", "image", "use"}
    assert loading.isdisjoint(tag for tag, _ in Outline(page).tags)


def test_the_policy_admits_the_one_style_sheet_and_nothing_else(tables, render):
    page = render(tables)
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = next(
        tag["content"]
        for tag in Outline(page).all("meta")
        if tag.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    # the policy would ignore these, and the page would look broken
    assert not any("style" in attributes for _, attributes in Outline(page).tags)
    assert not any(name.startswith("on") for _, attributes in Outline(page).tags for name in attributes)


def test_names_that_look_like_markup_stay_text_everywhere(tables, render):
    evil = "<script>alert(1)</script>\"'&</svg>{{ 7 * 7 }}"
    for frame in tables.values():
        for column in ("family_id", "resource_name", "object_name", "kpi_name", "status_reason", "term_name",
                       "definition", "table_name", "why", "site_id"):  # fmt: skip
            if column in frame:
                frame[column] = [
                    evil + str(place) if value else value for place, value in enumerate(frame[column])
                ]
    page = render(tables, company_name=evil, release_facts={evil: evil})
    assert "<script" not in page
    assert "{{ 7 * 7 }}" in page  # a name is never a template
    assert "alert(1)" in page  # and it is shown
    assert page.count("<svg") == page.count("</svg>")


def test_ids_are_not_used_twice_and_every_reference_is_met(tables, render):
    page = render(tables)
    ids = [attributes["id"] for _, attributes in Outline(page).tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#([^)]+)\)", page)) <= set(ids)


@pytest.mark.parametrize(("table", "sentence"), ABSENCES.items(), ids=list(ABSENCES))
def test_a_table_without_rows_gets_a_sentence_that_says_why(tables, render, table, sentence):
    tables[table] = tables[table].head(0)
    assert sentence in render(tables)


def test_a_first_cycle_with_nothing_measured_still_renders_every_section(tables, render):
    for table in ABSENCES:
        tables[table] = tables[table].head(0)
    tables["marts.fct_quarantined_rows"] = tables["marts.fct_quarantined_rows"].head(0)
    del tables["gate_results"]
    page = render(tables)
    assert [attributes["id"] for attributes in Outline(page).all("section")] == list(SECTIONS)
    assert all('class="absence"' in section_of(page, anchor) for anchor in SECTIONS)
    assert "<svg" not in page


def test_everything_missing_is_named_at_once(tables):
    del tables["marts.dim_terms"]
    tables["marts.fct_capacity_load"] = tables["marts.fct_capacity_load"].drop(columns="used_hours")
    with pytest.raises(
        PackInputError, match=r"(?s)marts\.dim_terms.*marts\.fct_capacity_load has no column used_hours"
    ):
        render_pack(tables, "2026-01", "Northwind Cycles", "EUR")


def test_a_status_is_read_without_its_colour(tables, render):
    scorecard = section_of(render(tables), "scorecard")
    for words in ("● on target", "▲ within tolerance", "◆ off target", "○ no target", "– no data yet"):
        assert words in scorecard


def test_a_load_above_all_regular_hours_is_marked_with_a_sign(tables, render):
    load = tables["marts.fct_capacity_load"]
    load["required_load_ratio"] = 0.5
    load.loc[3, "required_load_ratio"] = 1.34
    assert re.findall(r"▲\d+", section_of(render(tables), "capacity").split("<tbody>")[1]) == ["▲134"]


def test_only_the_plan_of_record_is_shown(tables, render):
    shortages = tables["marts.fct_resource_shortages"]
    other = shortages.head(1).assign(
        scenario_id="second_shift", object_id="X", object_name="Phantom press", demand_at_risk_margin=9e9
    )
    tables["marts.fct_resource_shortages"] = pd.concat([shortages, other])
    assert "Phantom press" not in render(tables)


def test_the_pack_reads_columns_that_the_marts_declare():
    import yaml

    models = Path(__file__).parents[2] / "dbt_project" / "models"
    declared = {
        f"marts.{model['name']}": {column["name"] for column in model["columns"]}
        for path in (models / "marts").rglob("*.yml")
        for model in yaml.safe_load(path.read_text()).get("models", [])
    }
    sources = yaml.safe_load((models / "staging" / "planning" / "_planning__sources.yml").read_text())
    for table in sources["sources"][0]["tables"]:
        declared[f"planning.{table['name']}"] = {column["name"] for column in table["columns"]}
    unknown = [
        (t, c) for t, columns in PACK_TABLES.items() for c in columns if c not in declared.get(t, set())
    ]
    assert unknown == []


def test_definitions_load_without_the_renderer():
    code = "import sys, sop_pipeline.pack; sys.exit(any(m in sys.modules for m in ('vl_convert', 'jinja2', 'altair')))"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2]).returncode == 0


def test_rules_that_the_plan_breaks_are_told_once_with_their_worst_month(tables, render):
    said = section_of(render(tables), "policies")
    assert "room of sites (5), lots of orders (89) and setups in the hours of a lot (35)" in said
    assert "Nothing is said of " in said and "shelf life" in said
    assert "7 places where a rule is broken, 8 months in all" in said
    assert (
        said.count("make:BIKE-5@PLANT") == 0 and "1 more of smallest lot" in said
    )  # four of a rule are enough
    assert said.index("DC/m3") < said.index("WC-20") < said.index("make:BIKE-1@PLANT")


def test_hours_that_were_measured_and_not_stated_are_said_to_be(tables, render):
    said = "Regular hours of 1 resource are calibrated from hours that were demonstrated"
    assert said in section_of(render(tables), "capacity")
    tables["marts.fct_capacity_load"]["capacity_basis"] = "calendar"
    assert "calibrated" not in section_of(render(tables), "capacity")


def test_what_people_say_of_a_cause_stands_beside_what_the_rules_found(tables, render):
    said = section_of(render(tables), "causes")
    assert "Causes that people have spoken of" in said and "The fair moved" in said and "replaced" in said
    tables["marts.fct_cause_confirmations"] = tables["marts.fct_cause_confirmations"].iloc[:0]
    assert "people have spoken of" not in section_of(render(tables), "causes")


def test_dust_is_not_reported_as_a_shortfall(tables, render):
    """A thousandth of a unit that rounding leaves over is no news for a meeting."""
    gap = tables["marts.fct_supply_demand_gap"]
    gap[["gap_units", "gap_revenue", "gap_ratio"]] = [-0.001, -0.2, -1e-7]
    shortages = tables["marts.fct_resource_shortages"]
    shortages[["demand_at_risk_units", "demand_at_risk_margin", "short_ratio"]] = [0.001, 0.4, 0.0]
    page = render(tables)
    assert "The plan delivers the demand of every month of the horizon." in page
    assert "No demand is late or lost for want of supply. 5 limits bind; the dearest: Frame Welding" in page
    assert "No family falls short of its demand by 1 EUR or more in any month." in page
    assert "○" in section_of(page, "shortages").split("<tbody>")[1]


def test_what_people_entered_stands_in_the_pack(tables, render):
    tables["planner_changes"] = pd.DataFrame(
        [
            {
                "table_name": "planner.overrides",
                "author": "anna",
                "row_key": "OV-1",
                "change_state": "in_force",
            },
            {
                "table_name": "planner.overrides",
                "author": "bert",
                "row_key": "OV-2",
                "change_state": "conflict",
            },
            {
                "table_name": "planner.overrides",
                "author": "bert",
                "row_key": "OV-3",
                "change_state": "replaced",
            },
        ]
    )
    people = section_of(render(tables), "people")
    for text in (
        "2 open issues",
        "needs one",
        "1 open action, 1 late",
        "10 days",
        "+48,000",
        "+300 units",
        "two people differ",
    ):
        assert text in people
    assert "Old and solved" not in people


def test_what_became_of_promises_and_assumptions_stands_in_the_pack(tables, render):
    people = section_of(render(tables), "people")
    for text in (
        "Qualify a second supplier (carried over)",
        "1 effect measured",
        "+0.112",
        "3 assumptions, 50 % of those measured hold",
        "over: it held",
        "1 activity plan changed since the cycle before, 1 inside the frozen zone",
    ):
        assert text in people


def test_a_conflict_that_was_decided_is_no_longer_discussed(tables, render):
    conflicts = section_of(render(tables), "conflicts")
    assert "1 conflict not resolved, of 2" in conflicts
    assert "budget 1,000" in conflicts and "nobody yet" in conflicts and "Wheels" not in conflicts


def test_a_company_without_options_and_scenarios_reads_one_sentence(tables, render):
    for name in ("marts.fct_supply_options", "marts.fct_scenario_kpis"):
        tables[name] = tables[name].head(0)
    shown = section_of(render(tables), "options")
    assert shown.count('class="absence"') == 1
    assert "planner.capacity_options" in shown and "No scenario is active" in shown


def test_options_are_compared_and_what_they_rest_on_is_told(tables, render):
    shown = section_of(render(tables), "options")
    assert "What the options cost and save" in shown and "Late shift" in shown
    assert "shift · proposed" in shown and "20% more hours at the rate of overtime" in shown
    assert "1 option would not be used" in shown
    assert "pre build · in the plan" in shown
    assert "not solved: nothing limits the stock of it at its site" in shown


def test_a_dominated_scenario_names_the_one_that_beats_it(tables, render):
    shown = section_of(render(tables), "options")
    assert "dominated by Plan of record" in shown
    assert shown.index("Half the safety stock") < shown.index("Rainy summer")
    assert "The plan of record itself: on the frontier." in shown


def test_a_customer_that_gets_less_than_it_is_stocked_for_stands_out(tables, render):
    customers = section_of(render(tables), "customers")
    assert "4 largest of 4 customers and channels" in customers
    assert "C1 KEY" in customers and "91.0 %" in customers
