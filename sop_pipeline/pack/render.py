"""Sections in their order, the page and its style, to bytes.

The same rows give the same bytes: nothing here asks for the time, a random number or the network.
Add here: a section's place in the pack. Keep out: what a section shows.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from importlib.resources import files
from types import MappingProxyType

import pandas as pd

from sop_pipeline.pack import (
    accuracy,
    capacity,
    causes,
    conflicts,
    customers,
    data_quality,
    demand,
    deviations,
    finance,
    gap,
    glossary,
    inventory,
    options,
    parameters,
    people,
    policies,
    risks,
    scorecard,
    shortages,
    value_added,
    waterfall,
)
from sop_pipeline.pack.content import Section
from sop_pipeline.pack.cover import cover
from sop_pipeline.pack.inputs import Pack, require_tables

STEPS: Mapping[str, tuple[Callable[[Pack], Section], ...]] = MappingProxyType({
    "Start": (scorecard.section, customers.section),
    "Demand review": (accuracy.section, causes.section, value_added.section, demand.section, waterfall.section),
    "Supply review": (deviations.section, parameters.section, capacity.section, shortages.section, policies.section, inventory.section, risks.section),
    "Pre-S&OP": (gap.section, options.section, conflicts.section, finance.section),
    "S&OP meeting": (people.section,),
    "Reference": (data_quality.section, glossary.section),
})  # fmt: skip
"""Sections in the order of the process: a review looks back before it looks ahead."""

NO_FACTS: Mapping[str, str] = MappingProxyType({})


def render_pack(
    tables: Mapping[str, pd.DataFrame],
    cycle_id: str,
    company_name: str,
    currency_code: str,
    agreement: str = "proposed to the meeting, not yet agreed",
    release_facts: Mapping[str, str] = NO_FACTS,
) -> bytes:
    """The meeting pack of a cycle as one HTML page that needs nothing else.

    `tables` maps the names of PACK_TABLES (and, where there are any, OPTIONAL_TABLES) to frames; `release_facts` are
    printed on the cover as given. Raises PackInputError with everything that is missing.
    """
    require_tables(tables)
    pack = Pack(tables, cycle_id, company_name, currency_code, agreement, release_facts)
    style = files(__package__).joinpath("page.css").read_text(encoding="utf-8")
    page = _page_template().render(
        cover=cover(pack),
        steps={step: [section(pack) for section in sections] for step, sections in STEPS.items()},
        style=style,
        policy=content_policy(style),
    )
    return page.encode("utf-8")


def content_policy(style: str) -> str:
    """Nothing is loaded and nothing runs; the one style sheet is known by its hash."""
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def page_environment():  # type: ignore[no-untyped-def]
    """Templates of pages: whatever comes from data is escaped, a name that is missing is an error."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["style_sheet"] = Markup  # our own file: quotes in it must stay quotes
    return environment


def _page_template():  # type: ignore[no-untyped-def]
    source = files(__package__).joinpath("page.html.j2").read_text(encoding="utf-8")
    return page_environment().from_string(source)
