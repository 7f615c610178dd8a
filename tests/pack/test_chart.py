"""Figures keep to themselves: their ids and their texts."""

from __future__ import annotations

import re

from sop_pipeline.pack import chart

BARS = {
    "data": {"values": [{"name": "</text><script>", "units": 3}]},
    "mark": {"type": "bar", "clip": True},  # a clipped mark is drawn through an id
    "encoding": {"x": {"field": "name", "type": "nominal"}, "y": chart.amount_axis("units")},
}


def ids_of(svg: str) -> set[str]:
    return set(re.findall(r'\bid="([^"]+)"', svg))


def test_two_figures_share_no_id_and_each_refers_to_its_own():
    first, second = chart.draw(BARS, "first"), chart.draw(BARS, "second")
    assert ids_of(first)
    assert ids_of(first).isdisjoint(ids_of(second))
    assert set(re.findall(r"url\(#([^)]+)\)", first)) == ids_of(first)


def test_a_name_in_a_figure_is_text():
    assert "<script" not in chart.draw(BARS, "bars")


def test_a_figure_points_nowhere():
    assert "http" not in chart.draw(BARS, "bars")
