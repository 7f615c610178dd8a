"""What a size of the demo company is: `python bench/sizes.py` prints the table of `bench/README.md`.

Up to 10x the opening months are simulated and the extracts written. Above, master data come from the generator, order
lines from four sampled months, and megabytes from the 10x files by order line. Columns of the supply plan are counted
from the network: 18 months of releases, of stock with its distance from target and maximum, and of demand delivered,
late or lost.
Add here: another measure of size. Keep out: time and memory (`refresh`).
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from sop_pipeline.sources.demo.firm import Firm, build_firm
from sop_pipeline.sources.demo.orders import month_lines
from sop_pipeline.sources.demo.timeline import OPENING_MONTHS
from sop_pipeline.sources.demo.world import open_world, write_delivery

SCALES = (0.1, 1.0, 10.0, 100.0)
LARGEST_WRITTEN = 10.0
FIRST_CYCLE = "2026-01"
SEED = 2026
HORIZON_MONTHS = 18
SAMPLED_MONTHS = (5, 17, 29, 41)


@dataclass(frozen=True)
class CompanySize:
    """One row of the table."""

    scale: float
    items: int
    bom_lines: int
    resources: int
    suppliers: int
    customers: int
    series: int
    sources: int
    order_lines: int
    csv_megabytes: float
    plan_columns: int
    is_computed: bool


def main() -> None:
    """Print the table as Markdown."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scale", type=float, action="append", help="[default: 0.1, 1, 10 and 100]")
    scales = sorted(parser.parse_args().scale or SCALES)
    sizes = [measure(scale) for scale in scales]
    for position, (known, guessed) in enumerate(pairwise(sizes), start=1):
        if guessed.is_computed:
            megabytes = known.csv_megabytes * guessed.order_lines / known.order_lines
            sizes[position] = replace(guessed, csv_megabytes=megabytes)
    print("| size | items | BOM lines | resources | suppliers | customers | demand series | sources of supply "
          "| order lines, 48 months | extracts, MB of CSV | columns of the supply plan |")  # fmt: skip
    print("|---|" + "---:|" * 10)
    for size in sizes:
        about = "about " if size.is_computed else ""
        print(
            f"| {size.scale:g}x{' (computed)' if size.is_computed else ''} | {size.items:,} | {size.bom_lines:,} "
            f"| {size.resources} | {size.suppliers} | {size.customers:,} | {size.series:,} | {size.sources:,} "
            f"| {about}{round(size.order_lines):,} | {about}{size.csv_megabytes:,.1f} | {about}{size.plan_columns:,} |"
        )


def measure(scale: float) -> CompanySize:
    """Build the company; up to 10x write its first delivery as well."""
    firm = build_firm(scale, SEED)
    network, series = firm.network, len(firm.demand.series_item)
    is_computed = scale > LARGEST_WRITTEN
    lines, megabytes = (_sampled_lines(firm), 0.0) if is_computed else _written(scale)
    return CompanySize(
        scale=scale,
        items=len(firm.items),
        bom_lines=len(firm.bills.line_make),
        resources=firm.resources,
        suppliers=firm.size.suppliers,
        customers=firm.size.customers,
        series=series,
        sources=len(network.source_id),
        order_lines=lines,
        csv_megabytes=megabytes,
        plan_columns=HORIZON_MONTHS * (len(network.source_id) + 3 * network.nodes + 3 * series),
        is_computed=is_computed,
    )


def _written(scale: float) -> tuple[int, float]:
    """Order lines and megabytes of the first delivery."""
    with tempfile.TemporaryDirectory() as temporary:
        world, folder = Path(temporary) / "world", Path(temporary) / "delivery"
        folder.mkdir()
        open_world(world, scale, SEED)
        write_delivery(world, FIRST_CYCLE, folder)
        with (folder / "sales_order_lines.csv").open("rb") as file:
            lines = sum(1 for _ in file) - 1
        return lines, sum(path.stat().st_size for path in folder.iterdir()) / 1e6


def _sampled_lines(firm: Firm) -> int:
    sampled = sum(len(month_lines(firm, month)["order_number"]) for month in SAMPLED_MONTHS)
    return round(sampled * OPENING_MONTHS / len(SAMPLED_MONTHS), -5)


if __name__ == "__main__":
    main()
