"""The source contract as one page that needs nothing else: contents, rules of delivery, a section a table.

The same contracts give the same bytes. Add here: a part of the page. Keep out: facts (`facts`).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from sop_pipeline.contract_book.facts import table_facts
from sop_pipeline.warehouse.contracts import CONTRACT_VERSION, Contract

NO_AREA = "Tables"


def render_page(contracts: Sequence[Contract], titles: Mapping[str, str]) -> str:
    """HTML of the contracts, by system and area in the order given."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    style = files(__package__).joinpath("page.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(
        files(__package__).joinpath("page.html.j2").read_text(encoding="utf-8")
    )
    parts = _parts(contracts, titles)
    return template.render(
        parts=parts,
        title=_title([part["title"] for part in parts]),
        tables=len(contracts),
        columns=sum(len(contract.columns) for contract in contracts),
        mandatory=sum(bool(contract.delivery.get("mandatory", True)) for contract in contracts),
        version=CONTRACT_VERSION,
        known={contract.name: _anchor(contract) for contract in contracts},
        style=Markup(style),  # our own file: quotes in it must stay quotes
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
    )


def _title(systems: Sequence[str]) -> str:
    """The names of the systems as one phrase."""
    first, *others = systems
    return " and ".join([first, *(name[0].lower() + name[1:] for name in others)])


def _anchor(contract: Contract) -> str:
    return f"{contract.schema}-{contract.name}"


def _parts(contracts: Sequence[Contract], titles: Mapping[str, str]) -> list[dict[str, Any]]:
    """Systems, in each its areas, in each its tables."""
    parts: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for contract in contracts:
        areas = parts.setdefault(contract.schema, {})
        facts = table_facts(contract) | {"anchor": _anchor(contract)}
        areas.setdefault(contract.meta.get("area") or NO_AREA, []).append(facts)
    return [
        {
            "title": titles.get(schema, schema),
            "areas": [{"title": area, "tables": found} for area, found in areas.items()],
        }
        for schema, areas in parts.items()
    ]
