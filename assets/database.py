"""Tables of an ERP's database as assets, one each, read through dagster-dlt; what they leave is a delivery like any other.

In the graph only where the home reads a database (`sop refresh --database`). Add here: how reading is orchestrated. Keep out:
how a database is read (sop_pipeline.sources.database).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg

from assets.partitions import ONE_CYCLE_A_RUN, partitions_of
from assets.resources import Warehouse
from assets.step import OWNERS
from sop_pipeline.settings import Home, Settings
from sop_pipeline.sources import database
from sop_pipeline.sources.folders import cycle_folder


def table_keys(system: str) -> list[dg.AssetKey]:
    """The assets that stand for the tables of a system's database."""
    return [_key(table.physical) for table in database.database_tables(system)]


def extract_folder(home: Home, cycle_id: str) -> Path:
    """Where the files of a cycle's reading lie until they have landed."""
    return home.work / "database" / f"cycle={cycle_id}" / "extract"


def _key(physical: str) -> dg.AssetKey:
    return dg.AssetKey(["database", physical.replace(" ", "_")])


def build_database(settings: Settings) -> dg.AssetsDefinition:
    """One asset for each table of the contract; the run reads those that the database has, in one dlt pipeline."""
    import dlt
    from dagster_dlt import DagsterDltResource, DagsterDltTranslator, dlt_assets
    from dagster_dlt.translator import DltResourceTranslatorData

    tables = database.database_tables(settings.system)
    by_physical = {table.physical: table for table in tables}

    class Translator(DagsterDltTranslator):
        """Keys, words and owner of a table of the database."""

        def get_asset_spec(self, data: DltResourceTranslatorData) -> dg.AssetSpec:
            """The spec of the table that a resource reads."""
            table = by_physical[data.resource.name]
            return dg.AssetSpec(
                key=_key(table.physical),
                description=f"{table.physical} of the ERP's database. {table.description}",
                group_name="extracts",
                owners=[OWNERS["extracts"]],
                kinds={"dlt", "mariadb" if settings.system == "erpnext" else "postgres"},
                metadata={"dagster/table_name": table.physical},
            )

    # The graph is built without a connection: what is read is decided in the run.
    declared = dlt.source(
        lambda: [dlt.resource([], name=name) for name in by_physical], name=settings.system
    )()

    @dlt_assets(
        name="database",
        dlt_source=declared,
        dlt_pipeline=database.extract_pipeline(settings.system, settings.paths.work / "database"),
        dagster_dlt_translator=Translator(),
        partitions_def=partitions_of(settings),
        backfill_policy=ONE_CYCLE_A_RUN,
    )
    def tables_of_the_database(context: dg.AssetExecutionContext, warehouse: Warehouse) -> Iterator[Any]:
        """Every table of the source contract that the ERP's database has, as one Parquet file each."""
        chosen = warehouse.settings
        extract = extract_folder(chosen.paths, context.partition_key)
        work = database.fresh_folder(extract.parent)
        engine = database.open_database()
        try:
            found = database.found_tables(engine, chosen.system, chosen.database_schema)
            events = list(
                DagsterDltResource().run(
                    context=context,
                    dlt_source=database.database_source(engine, found, chosen.database_schema),
                    dlt_pipeline=database.extract_pipeline(chosen.system, work),
                    dagster_dlt_translator=Translator(),
                )
            )
        finally:
            engine.dispose()
        rows = database.assemble(found, work, extract)
        given = chosen.input_dir
        database.copy_supplement(
            chosen.system, cycle_folder(given, context.partition_key) if given else None, extract
        )
        yield from events
        read = {table.physical for table in found}
        for table in tables:
            if table.physical not in read:
                yield dg.MaterializeResult(
                    asset_key=_key(table.physical),
                    metadata={"dagster/row_count": 0, "note": "The database has no such table."},
                )
        context.log.info(f"{sum(rows.values())} rows of {len(rows)} tables were read.")

    return tables_of_the_database
