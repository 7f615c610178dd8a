"""Releases: how a finished cycle is published, kept, found again and checked.

A release is a folder that never changes once it has its name:

    <home>/current -> releases/2026-03-5f0c...    the newest cycle's newest release
    <home>/releases/2026-03-5f0c27a91b3e/
        sop.duckdb                                every table, every cycle, with comments
        marts/<table>/cycle=2026-03.parquet       this cycle's rows, sorted by grain
        marts/<table>/cycle=2026-02.parquet       an earlier cycle: hard link to its released file
        pack.html                                 the meeting pack
        manifest.json                             what all of it is: sha256, control totals, provenance
    <home>/registry/cycles.json                   index: newest release, superseded ones, stale or not

How to read a release (BI tools, notebooks, auditors)
-----------------------------------------------------
* Open `<home>/current/sop.duckdb` **read-only**: any DuckDB client from 1.5 on. A table is called as
  everywhere else, `marts.kpi_scorecard`; what a table and a column mean is in their comments
  (`duckdb_tables()`, `duckdb_columns()`), and `main.release_facts` says in one row which release this is.
* Every row carries `cycle_id`; the newest cycle is `cycle_id = (select cycle_id from main.release_facts)`,
  all others are history as it was published.
* A tool that keeps a file open keeps seeing the release it opened: files are never rewritten, a new release
  has a new folder. Let the tool reopen (a short connection idle time) to see the next one, or point it at a
  versioned folder, `releases/<release_id>/`, to stay on purpose.
* To read several files of one release, resolve `current` once and read below the folder it names.
* Without DuckDB: the Parquet files below `marts/<table>/`, read **by column name**, since an old cycle's file
  has the columns of its time.

The modules, in the order in which a publication passes them: `request` (what may be published), `table_files`
(Parquet), `history` (earlier cycles), `database` (sop.duckdb), `manifest`, `publish` (the sequence of steps),
`pointer` (`current`), `registry` (which release of which cycle), `verify` (recompute everything), `lock` (one
refresh at a time). `layout` has the names of files and folders; `effects` is the only module that changes the
disk.

Add here: approvals, retention, the audit pack. Keep out: planning logic, dbt, Dagster, where the rows come
from.
"""
