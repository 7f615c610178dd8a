"""Planning thinks: pure functions that read core frames and return frames.

Two rooms, `demand` (what will be asked for) and `supply` (what can be delivered); they meet only in frames.
Add here: anything that estimates, searches or decides. Keep out: dagster, DuckDB, dbt, Great Expectations, files,
clocks, environment; joins and sums of rows that exist (those are SQL, see `dbt_project`).
"""
