"""Numbers as the meeting reads them."""

from __future__ import annotations

import pandas as pd
import pytest

from sop_pipeline.pack import words


@pytest.mark.parametrize(
    ("value", "decimals", "signed", "text"),
    [
        (1234567.4, 0, False, "1,234,567"),
        (-1234.5, 1, False, "−1,234.5"),  # a minus, not a hyphen
        (12.0, 0, True, "+12"),
        (-0.04, 1, True, "0.0"),  # what rounds to zero has no sign
        (None, 0, False, "–"),
        (float("nan"), 0, False, "–"),
    ],
)
def test_numbers(value, decimals, signed, text):
    assert words.number(value, decimals, signed) == text


def test_ratios_are_printed_in_percent():
    assert words.percent(0.8461, 1) == "84.6 %"
    assert words.percent(-0.02, signed=True) == "−2 %"
    assert words.percent(None) == "–"


@pytest.mark.parametrize(
    ("largest", "said"),
    [
        (9_999.0, "9,999 EUR"),
        (50_000.0, "50 thousand EUR"),
        (12_700_000.0, "12.7 million EUR"),
        (0.0, "0 EUR"),
    ],
)
def test_money_is_shown_in_the_scale_of_its_largest_amount(largest, said):
    assert words.money_for([largest, None], "EUR").say(largest) == said.replace(" EUR", " EUR").strip()


def test_months_are_named_in_english_on_every_machine():
    assert words.month(pd.Timestamp("2026-01-01")) == "January 2026"
    assert words.short_month(pd.Timestamp("2026-09-01")) == "Sep 26"


def test_one_and_many():
    assert words.plural(1, "month") == "1 month"
    assert words.plural(18, "month") == "18 months"
    assert words.plural(2, "family", "families") == "2 families"
