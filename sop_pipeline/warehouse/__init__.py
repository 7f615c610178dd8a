"""What is remembered: table contracts, the lake of Parquet files, and reads of the working database.

Add here: how a table is typed, written or read, for every table alike. Keep out: business rules (dbt, planning), Dagster.
"""
