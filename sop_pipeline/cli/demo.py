"""`sop demo`: the demo company as files, to see what a delivery looks like and to try a source with.

Add here: a command about the demo company. Keep out: the company itself and the shapes of its files (`sources.demo`).
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from sop_pipeline.cli.terminal import USAGE, JsonOption, app, fail, out, print_json
from sop_pipeline.settings import Settings, SettingsError, load_settings

demo_app = typer.Typer(name="demo", help="The demo company as files.", no_args_is_help=True)
app.add_typer(demo_app)


@demo_app.command()
def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write into: new, or empty.")],
    shape: Annotated[str, typer.Option(help="Whose tables: contract (our own), or an ERP's.")] = "contract",
    cycle: Annotated[str, typer.Option(help="Cycle whose delivery is written, YYYY-MM")] = "2026-01",
    home: Annotated[Path | None, typer.Option(help="Home whose released plans the company carries out (default: its own rule).")] = None,
    scale: Annotated[float | None, typer.Option(help="Size of the company; 1 is 120 finished items.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the company.")] = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Write the demo company's delivery of a cycle, in our own contract or in the tables of an ERP."""
    from sop_pipeline.release.registry import released_by_cycle
    from sop_pipeline.sources.demo import DemoSource
    from sop_pipeline.sources.demo.shapes import shape_names, write_shape
    from sop_pipeline.sources.protocol import DeliveryRequest, SourceError

    if shape not in shape_names():
        fail(f"No shape is called {shape!r}: {', '.join(shape_names())}.", USAGE, as_json)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        fail(f"{folder} is not an empty folder: name another, or remove what is in it.", USAGE, as_json)
    settings = _settings(home, scale, seed)
    with TemporaryDirectory(prefix="sop-demo-") as scratch:
        world, delivered = Path(scratch) / "world", Path(scratch) / "delivery"
        delivered.mkdir()
        released = released_by_cycle(settings.paths.root, cycle) if home else {}
        request = DeliveryRequest(cycle, delivered, released=released, world_dir=world)
        try:
            DemoSource(settings.demo_scale, settings.demo_seed).deliver(request)
        except SourceError as error:
            fail(str(error), USAGE, as_json)
        files = write_shape(shape, delivered, folder, cycle)
    _report(folder, shape, cycle, files, as_json)


def _settings(home: Path | None, scale: float | None, seed: int | None) -> Settings:
    """Size and seed as said, else those of a home that runs on the demo company; any other home has no say in them."""
    said = {"demo_scale": scale, "demo_seed": seed}
    chosen = {name: value for name, value in said.items() if value is not None}
    if home is None:
        return Settings(**chosen)  # type: ignore[arg-type]
    settings = load_settings(home=home)
    if not settings.paths.opened_with.exists():
        raise SettingsError(f"There is no home in {home}: leave --home out, or name the folder of one.")
    if settings.source == "demo":
        return load_settings(home=home, **chosen)
    return Settings(home=settings.home, **chosen)  # type: ignore[arg-type]


def _report(folder: Path, shape: str, cycle: str, files: list[Path], as_json: bool) -> None:
    size = sum(path.stat().st_size for path in files)
    command = f"sop refresh --source {shape} --input {folder} --cycle {cycle}"
    if as_json:
        facts = {"folder": str(folder), "shape": shape, "cycle_id": cycle, "bytes": size, "next": command}
        print_json(facts | {"files": [path.name for path in files]})
        return
    out.print(
        f"{len(files)} files, {size / 1e6:.1f} MB: the demo company's delivery of {cycle}, shape {shape}"
    )
    out.print(f"Read it with\n  {command}")
