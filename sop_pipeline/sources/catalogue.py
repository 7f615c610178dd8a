"""The sources that `--source` can name. Add an ERP: its module beside this one, and one line here."""

from __future__ import annotations

from sop_pipeline.sources.protocol import Source


def open_source(name: str, demo_scale: float = 1.0, demo_seed: int = 0) -> Source:
    """The source of a name; modules are imported only when asked for. Raises KeyError for an unknown name."""
    if name == "demo":
        from sop_pipeline.sources.demo import DemoSource

        return DemoSource(scale=demo_scale, seed=demo_seed)
    if name == "contract":
        from sop_pipeline.sources.contract import ContractSource

        return ContractSource()
    if name == "adventureworks":
        from sop_pipeline.sources.adventureworks import AdventureWorksSource

        return AdventureWorksSource()
    raise KeyError(f"No source is called {name!r}: demo, contract, adventureworks.")
