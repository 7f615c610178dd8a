"""Numbers that SAP has for what the company calls by name: channels, groups, regions, hierarchies, work centres, units.

Add here: a code. Keep out: tables.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from sop_pipeline.sources.demo.shapes.sap.text import padded, stripped
from sop_pipeline.sources.demo.shapes.tables import Tables

LANGUAGE = "E"
LOCATION = "0001"
PURCHASING = "1000"


class Codes:
    """Codes of a delivery; the same delivery gives the same codes."""

    def __init__(self, tables: Tables) -> None:
        customers, items, resources = tables["customers"], tables["items"], tables["resources"]
        lines = tables["sales_order_lines"]
        self.channels = _numbered([*customers["channel_id"], *lines["channel_id"]], 2, 10)
        self.groups = _numbered(customers["customer_group"], 2)
        self.districts = _numbered([*customers["region_id"], *tables["sites"]["region_id"]], 6)
        self.hierarchies = _hierarchies(
            list(zip(items["category_id"], items["family_id"], items["subfamily_id"], strict=True))
        )
        self.work_centres = _numbered(resources["resource_id"], 8)
        self.is_labour = dict(
            zip(resources["resource_id"], resources["resource_type"] == "labour", strict=True)
        )
        self.site_of = dict(zip(resources["resource_id"], resources["site_id"], strict=True))
        self.base_unit = dict(zip(items["item_id"], items["base_uom_id"], strict=True))
        conversions = tables["uom_conversions"]
        self._factors: dict[tuple[str, str], tuple[Decimal, Decimal]] = {
            (row.item_id, row.from_uom_id): (row.numerator, row.denominator)
            for row in conversions.itertuples()
        }
        companies = {row.currency_code: row.company_id for row in tables["companies"].itertuples()}
        self._companies: dict[str, str] = companies
        self._first_company = next(iter(companies.values()))

    @staticmethod
    def stored(item_id: str) -> str:
        """A material as SAP stores it."""
        return padded(item_id, 18)

    @staticmethod
    def shown(item_id: str) -> str:
        """A material as a tool extracts it that strips leading zeros."""
        return stripped(item_id)

    def factor(self, item_id: str, unit: str) -> tuple[str, str]:
        """Base units (numerator) in so many of a unit (denominator). Raises KeyError where the item has no such unit."""
        if unit == self.base_unit[item_id]:
            return "1", "1"
        numerator, denominator = self._factors[item_id, unit]
        return str(int(numerator)), str(int(denominator))

    def sales_organisation(self, currency: str) -> str:
        """The company that sells in a currency."""
        return self._companies.get(currency, self._first_company)

    def resource(self, resource_id: str) -> str:
        """A resource as staging names it: plant, work centre, capacity category."""
        return f"{self.site_of[resource_id]}/{resource_id}/{self.capacity_category(resource_id)}"

    def capacity_category(self, resource_id: str) -> str:
        """001 machine, 002 labour."""
        return "002" if self.is_labour[resource_id] else "001"


def _numbered(values: Iterable[str | None], width: int, start: int = 1) -> dict[str, str]:
    names = sorted({value for value in values if value is not None})
    return {name: str(start + place).rjust(width, "0") for place, name in enumerate(names)}


def _hierarchies(paths: list[tuple[str, str, str]]) -> dict[tuple[str, ...], str]:
    """Path of names -> node: 5, 10 or 18 digits."""
    nodes: dict[tuple[str, ...], str] = {}
    for depth, width in enumerate((5, 5, 8), start=1):
        for place, path in enumerate(sorted({path[:depth] for path in paths}), start=1):
            nodes[path] = nodes.get(path[:-1], "") + str(place).rjust(width, "0")
    return nodes
