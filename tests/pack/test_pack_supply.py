"""What the pack shows of stock, risks and the resources of the years to come."""

from __future__ import annotations

import re

from pack_page import section_of


def test_the_stock_is_shown_with_its_target_and_what_of_it_is_too_much(tables, render):
    inventory = section_of(render(tables), "inventory")
    assert inventory.count("What the stock is for") == 2  # by family, and by site as there are two
    # frames at NORTH: 1900 x 390 x 0.3
    assert "Obsolete 222 thousand EUR" in inventory
    stock = tables["marts.fct_inventory_strategy"]
    tables["marts.fct_inventory_strategy"] = stock[stock["site_id"] == "PLANT"]
    of_one_site = section_of(render(tables), "inventory")
    assert of_one_site.count("What the stock is for") == 1
    assert "Obsolete 0 thousand EUR" in of_one_site


def test_a_company_without_excess_says_so(tables, render):
    tables["marts.fct_inventory_strategy"] = tables["marts.fct_inventory_strategy"].assign(
        is_obsolete=False, excess_value=0.0, obsolete_value=0.0
    )
    assert "Nothing is in excess" in section_of(render(tables), "inventory")


def test_proposals_say_what_they_free_what_they_bind_and_why(tables, render):
    inventory = section_of(render(tables), "inventory")
    assert "Frees money: 1 proposal" in inventory and "Binds money: 1 proposal" in inventory
    assert "Sell or scrap" in inventory and "+47" in inventory and "no month of the last 6" in inventory


def test_a_risk_says_what_its_likelihood_was_counted_on_and_who_acts(tables, render):
    risks = section_of(render(tables), "risks")
    assert "25 %: 12 of 48 order lines" in risks
    assert "60 %: as its owner says" in risks
    assert "purchasing: Weekly call" in risks and "1 risk in all has an open action" in risks
    never_measured = risks.split("Tube at PLANT")[1].split("</tr>")[0]
    assert "–: 0 of 0 terms that ended" in never_measured and re.findall(
        r"strong\">([^<]+)<", never_measured
    ) == ["–"]


def test_risks_that_lie_on_each_other_share_a_label(tables, render):
    rows = tables["marts.fct_supply_risks"]
    rows.loc[1, ["likelihood_ratio", "impact_margin"]] = rows.loc[
        0, ["likelihood_ratio", "impact_margin"]
    ].to_numpy()
    assert ">1, 2<" in section_of(render(tables), "risks")


def test_resources_say_what_they_call_for(tables, render):
    capacity = section_of(render(tables), "capacity")
    assert "Heads that demand requires of the crews" in capacity
    welding = capacity.split("What the horizon requires")[1].split("Frame Welding")[1].split("</tr>")[0]
    assembly = capacity.split("What the horizon requires")[1].split("Final Assembly")[1].split("</tr>")[0]
    assert ">capital<" in welding and ">people<" in assembly
