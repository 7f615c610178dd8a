"""Every path, variable and default, read once.

Precedence: command line, then SOP_* variables, then what the home was opened with (`home.json`), then the defaults here.
Add here: a setting, with a docstring below it. Keep out: anything that acts on a setting.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from sop_pipeline.sources.catalogue import PROFILES, URL_VARIABLE, input_mistakes

PROJECT_DIR = Path(__file__).resolve().parent.parent
DBT_PROJECT_DIR = PROJECT_DIR / "dbt_project"

SourceName = Literal["demo", "contract", "adventureworks", "sap", "erpnext", "odoo"]
REMEMBERED = (
    "source",
    "database",
    "database_schema",
    "input_dir",
    "planner_dir",
    "currency",
    "company",
    "returns_policy",
    "cancellations_policy",
    "demo_scale",
    "demo_seed",
)


class SettingsError(ValueError):
    """A setting is wrong, or contradicts the home it is used with."""


@dataclass(frozen=True)
class Home:
    """The folder of one company: what landed, what was computed, what was published."""

    root: Path

    @property
    def landing(self) -> Path:
        """Extracts as delivered: `<source>/cycle=YYYY-MM/`."""
        return self.root / "landing"

    @property
    def lake(self) -> Path:
        """Typed Parquet, `<schema>/<table>/cycle=YYYY-MM/data.parquet`."""
        return self.root / "lake"

    @property
    def work(self) -> Path:
        """Scratch of the running refresh; may be deleted at any time."""
        return self.root / "work"

    @property
    def dagster(self) -> Path:
        """DAGSTER_HOME: runs, schedules and event log, shared by command line, web UI and daemon."""
        return self.root / "dagster"

    @property
    def world(self) -> Path:
        """Hidden state of the demo company's simulator. The pipeline never reads it."""
        return self.root / "world"

    @property
    def opened_with(self) -> Path:
        """What the home was opened with."""
        return self.root / "home.json"

    @property
    def work_database(self) -> Path:
        """The working DuckDB file: a cache of the cycle that was computed last.

        One path for every cycle, because dbt parses its whole project again when a profile changes.
        """
        return self.work / "sop.duckdb"

    def remembered(self) -> dict[str, Any]:
        """Settings the home was opened with; empty for a new home."""
        if not self.opened_with.exists():
            return {}
        try:
            remembered: dict[str, Any] = json.loads(self.opened_with.read_text(encoding="utf-8"))
        except ValueError as error:
            raise SettingsError(
                f"{self.opened_with} cannot be read ({error}). It holds what the home was opened with: restore it from a "
                "backup, or remove it and give --source and its options once more."
            ) from error
        return remembered


class Settings(BaseSettings):
    """Settings of one run. Each is set by its SOP_<NAME> variable."""

    model_config = SettingsConfigDict(env_prefix="SOP_", extra="ignore", frozen=True)

    home: Path | None = None
    """Home folder. Default: `.sop` beside the project, or `.sop-<source>` where `.sop` belongs to another source."""
    source: SourceName = "demo"
    """Where extracts come from: the demo company, a folder in our contract or in an ERP's own tables, or AdventureWorks."""
    input_dir: Path | None = None
    """Folder of delivered files, for the sources that read one: the files, or a folder `cycle=YYYY-MM` for each cycle."""
    database: bool = False
    """Read the source's tables straight from its database, whose address only the variable SOP_DATABASE_URL has (never a
    setting, never kept); `input_dir` then holds the files of its supplement. So it is where that variable is set and no
    folder was given."""
    database_schema: str = ""
    """Schema of the source's tables in its database; default: the connection's own."""
    planner_dir: Path | None = None
    """Folder of planner inputs as CSV; default: the source's own."""
    company: str = ""
    """Company name on the meeting pack; default: the source's."""
    currency: str = ""
    """Company currency (ISO 4217); default: the source's."""
    timezone: str = "Europe/Berlin"
    """The one planning timezone: months and schedules are local to it."""
    country: str = "DE"
    """Country whose public holidays are not working days."""
    working_day: int = Field(default=3, ge=1, le=15)
    """The cycle is refreshed on this working day of its month ..."""
    refresh_hour: int = Field(default=6, ge=4, le=22)
    """... at this local hour (away from the hours that daylight saving skips or repeats)."""
    first_cycle: str = Field(default="2012-01", pattern=r"^\d{4}-(0[1-9]|1[0-2])$")
    """First monthly partition."""
    schedule_from: str = Field(default="", pattern=r"^(\d{4}-(0[1-9]|1[0-2]))?$")
    """First cycle that the schedule runs by itself; default: the cycle of the month it is switched on in."""
    horizon_months: int = Field(default=18, ge=12, le=36)
    """Months planned, the cycle's own first."""
    frozen_months: int = Field(default=1, ge=0, le=6)
    """Months at the start of the horizon that count as frozen."""
    returns_policy: Literal["ignore", "deduct_in_month_of_return", "deduct_in_month_of_order"] = "ignore"
    """What returned goods do to demand: nothing (the customer wanted them), or they come off it, in the month in which they came
    back or in that of the order they came from."""
    cancellations_policy: Literal["drop", "keep"] = "drop"
    """Whether a cancelled order line is demand: dropped, or kept because it was wanted when it was placed."""
    quarantine_maximum_ratio: float = Field(default=0.005, ge=0, le=1)
    """Share of a file's rows that may be kept out before the whole file is rejected."""
    delivery_wait_minutes: float = Field(default=0, ge=0, le=24 * 60)
    """How long to wait for the marker of a delivery that must have one, minutes."""
    file_maximum_mb: int = Field(default=20_000, ge=1)
    """Largest delivered file that is read, MB; a larger one is refused."""
    ingest_memory_mb: int = Field(default=1024, ge=256)
    """Memory for reading delivered files, MB; what needs more spills to the home's work folder."""
    sql_memory_mb: int = Field(default=2200, ge=512)
    """Memory for the SQL of staging, erp, core and marts on DuckDB, MB; what needs more spills beside the working database."""
    demo_scale: float = Field(default=1.0, ge=0.05, le=100)
    """Size of the demo company; 1 is 120 finished items."""
    demo_seed: int = 20_26
    """Seed of the demo company."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Command line first, then the environment."""
        return init_settings, env_settings

    @cached_property
    def paths(self) -> Home:
        """The home folder's layout."""
        if self.home is None:
            raise SettingsError("Settings were made without a home; use load_settings().")
        return Home(self.home)

    @property
    def system(self) -> str:
        """System whose source contract and staging package the source delivers for."""
        return PROFILES[self.source].system


def load_settings(**chosen: Any) -> Settings:
    """Settings for the chosen (command-line) values; None means not chosen.

    Raises SettingsError naming every bad value, or every value that contradicts the home it was opened with.
    """
    chosen = {name: value for name, value in chosen.items() if value is not None}
    try:
        settings = Settings(**chosen)
    except ValidationError as error:
        problems = [
            f" * {'.'.join(map(str, e['loc']))}: {e['msg']} (got {e['input']!r})" for e in error.errors()
        ]
        raise SettingsError("Settings are wrong:\n" + "\n".join(problems)) from error
    said = set(settings.model_fields_set)
    home = Home((settings.home or _default_home(settings, said)).expanduser().resolve())
    remembered = home.remembered()
    _refuse_contradictions(home, remembered, settings, said)
    inherited = {name: value for name, value in remembered.items() if name not in said and value is not None}
    # the home's memory ranks below the environment: pass only what nobody said
    settings = Settings(**{**chosen, **inherited, "home": home.root})
    profile = PROFILES[settings.source]
    facts = {
        "company": settings.company or profile.company,
        "currency": settings.currency or profile.currency,
        # an address and no folder can only mean the database
        "database": settings.database
        or (profile.has_database and settings.input_dir is None and URL_VARIABLE in os.environ),
    }
    return settings.model_copy(update=facts)


def refuse_wrong_folders(settings: Settings, cycle_ids: Sequence[str]) -> None:
    """Raise SettingsError where the source's folders cannot be right, before a home is made or changed for them."""
    schema = settings.database_schema if settings.database else None
    mistakes = input_mistakes(settings.source, settings.input_dir, settings.planner_dir, cycle_ids, schema)
    if mistakes:
        listed = "\n".join(f" * {mistake}" for mistake in mistakes)
        raise SettingsError(f"Source {settings.source} cannot be refreshed from what was given:\n{listed}")


def _default_home(settings: Settings, said: set[str]) -> Path:
    shared = PROJECT_DIR / ".sop"
    owner = Home(shared).remembered().get("source")
    if owner is None or "source" not in said or owner == settings.source:
        return shared
    return PROJECT_DIR / f".sop-{settings.source}"


def _refuse_contradictions(
    home: Home, remembered: dict[str, Any], settings: Settings, said: set[str]
) -> None:
    fixed = {"source", "currency", "demo_scale", "demo_seed"}
    wrong = [
        f" * {name}: the home was opened with {remembered[name]!r}, now {getattr(settings, name)!r}"
        for name in sorted(fixed & said & remembered.keys())
        if remembered[name] is not None and getattr(settings, name) != remembered[name]
    ]
    if wrong:
        raise SettingsError(
            f"{home.root} belongs to another company:\n"
            + "\n".join(wrong)
            + "\nUse another folder with --home."
        )


def open_home(settings: Settings) -> Home:
    """Make the home's folders and remember what it was opened with. Idempotent."""
    home = settings.paths
    for folder in (home.landing, home.lake, home.work, home.dagster):
        folder.mkdir(parents=True, exist_ok=True)
    said = {
        name: getattr(settings, name)
        for name in REMEMBERED
        if getattr(settings, name) not in (None, "", False)
    }
    said = {name: str(value.resolve()) if isinstance(value, Path) else value for name, value in said.items()}
    text = json.dumps(home.remembered() | said, indent=2, sort_keys=True) + "\n"
    if not home.opened_with.exists() or home.opened_with.read_text(encoding="utf-8") != text:
        _write_whole(home.opened_with, text)
    _write_dagster_yaml(home)
    return home


def _write_whole(path: Path, text: str) -> None:
    """Write a file so that it is there whole or not at all, whenever the process is killed."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _write_dagster_yaml(home: Home) -> None:
    target = home.dagster / "dagster.yaml"
    if not target.exists():
        _write_whole(target, (PROJECT_DIR / "dagster.yaml").read_text(encoding="utf-8"))
