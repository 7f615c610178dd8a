"""The kinds of files that a defect can happen to.

Add here: a source whose files are delivered in a form of their own. Keep out: how a file of a kind is spoilt (`conftest`).
"""

CSV_KINDS = ["demo", "contract_csv", "adventureworks_planner"]
PARQUET_KINDS = ["contract_parquet", "adventureworks"]
