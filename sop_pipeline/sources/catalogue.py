"""The sources that `--source` can name. Add an ERP: its module beside this one, and one entry here.

Keep out: the sources themselves, whose modules are imported only when one is opened.
"""

from __future__ import annotations

from dataclasses import dataclass

from sop_pipeline.sources.protocol import Source


@dataclass(frozen=True)
class SourceProfile:
    """What is known of a source before it is opened: whose contract it delivers in, and for which company.

    `system`: schema of its lake tables and name of its staging package. `company`, `currency` (ISO 4217): what holds
    where the settings say nothing.
    """

    system: str
    company: str
    currency: str


PROFILES = {
    "demo": SourceProfile(system="contract", company="Nordhaus Appliances", currency="EUR"),
    "contract": SourceProfile(system="contract", company="The company", currency="EUR"),
    "adventureworks": SourceProfile(
        system="adventureworks", company="Adventure Works Cycles", currency="USD"
    ),
}


def open_source(name: str, demo_scale: float = 1.0, demo_seed: int = 0) -> Source:
    """The source of a name. Raises KeyError for an unknown one."""
    if name == "demo":
        from sop_pipeline.sources.demo import DemoSource

        return DemoSource(scale=demo_scale, seed=demo_seed)
    if name == "contract":
        from sop_pipeline.sources.contract import ContractSource

        return ContractSource()
    if name == "adventureworks":
        from sop_pipeline.sources.adventureworks import AdventureWorksSource

        return AdventureWorksSource()
    raise KeyError(f"No source is called {name!r}: {', '.join(PROFILES)}.")
