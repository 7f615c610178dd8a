"""Dagster assets: when and in which order, never how. One module per process step.

An asset reads what it declares, calls one function of a room (sources, planning, release, pack) or dbt, and hands back
frames. Add here: the wiring of a new table or step. Keep out: arithmetic (planning), SQL (dbt_project).
"""
