"""The meeting pack: one self-contained HTML page of a cycle, for executives and planners.

    inputs.py     which marts the pack reads, and how a section gets at them
    content.py    what a section is made of: sentences, figures, tables, tiles, terms
    words.py      numbers, months and money as they are printed
    chart.py      the look of every chart; a Vega-Lite specification becomes static SVG
    cover, scorecard, demand, accuracy, capacity, inventory, shortages, gap, finance, data_quality, glossary
                  one module a section: `section(pack) -> Section`, one function a chart or table
    render.py     sections in their order, page.html.j2 and page.css -> bytes

Add here: a section (a module, and its line in `render.STEPS`) or a chart (a function in its section). Keep
out: arithmetic. A number that is not in a mart belongs into a mart first; sections pick, sort and stack.
"""

from sop_pipeline.pack.inputs import PACK_TABLES
from sop_pipeline.pack.render import render_pack

__all__ = ["PACK_TABLES", "render_pack"]
