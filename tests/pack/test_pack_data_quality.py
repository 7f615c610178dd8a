"""What the pack shows of the data: rows kept out, rules that failed, findings, reconciliations."""

from __future__ import annotations

import re

from pack_page import section_of


def test_rows_kept_out_and_rules_that_failed_are_listed_with_their_reason(tables, render):
    quality = section_of(render(tables), "data-quality")
    assert "17 delivered rows kept out" in quality and "no factor from DZ" in quality
    assert "word for word" not in quality  # a repetition takes nothing away
    assert "Items have a cost" in quality and "Without a cost, stock is free" in quality
    assert "Saleable items arrived" not in quality  # it holds


def test_a_finding_is_shown_with_its_count_its_money_and_what_the_plan_does(tables, render):
    quality = section_of(render(tables), "data-quality")
    row = quality[quality.index("Customer orders overdue") :].split("</tr>")[0]
    cells = re.findall(r"<td[^>]*>(.*?)</td>", row)
    assert cells == ["312", "of 4,210 order lines", "1.8 M", "290", "Goods are owed from earlier months.",
                     "Carries them into the first month as backlog.", "sales operations"]  # fmt: skip


def test_findings_are_summed_up_before_they_are_listed(tables, render):
    quality = section_of(render(tables), "data-quality")
    assert "4 findings of 5 looked for: 3 move numbers of the plan, 1 is accounted for." in quality
    assert "Beyond its limit: Sold made items without a routing." in quality
    assert "Against the cycle before, 2 are new or have grown." in quality
    assert "Looked for and not found: Negative stock." in quality


def test_findings_of_a_first_cycle_are_compared_with_nothing(tables, render):
    tables["marts.data_findings"]["trend"] = "unknown"
    quality = section_of(render(tables), "data-quality")
    assert "Against the cycle before" not in quality and ">Before<" not in quality


def test_a_company_without_findings_says_so(tables, render):
    tables["marts.data_findings"]["status"] = "none"
    quality = section_of(render(tables), "data-quality")
    assert "Of 5 findings looked for in the data, none was found." in quality


def test_a_clean_cycle_says_so(tables, render):
    tables["marts.fct_quarantined_rows"]["is_lost"] = False
    tables["gate_results"]["passed"] = True
    quality = section_of(render(tables), "data-quality")
    assert "No delivered row was kept out of the numbers." in quality
    assert "All 2 data rules hold." in quality


def test_a_reconciliation_that_does_not_hold_is_shown_with_its_largest_difference(tables, render):
    shown = section_of(render(tables), "data-quality")
    assert "3 comparisons with the books and between documents, 1 differ" in shown
    assert "12,500 EUR: 250,000 net amount invoiced, 262,500 revenue of the ledger" in shown
    assert "1000, Dec 2025" in shown or "1000, December 2025" in shown
    assert "all agree" in shown and "not given" in shown
