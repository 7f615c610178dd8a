"""Data rules at the borders of the pipeline: what arrives, what planning decided, what is published.

A rule is one line with a reason. Rules are plain data; they become Great Expectations suites when a check
runs and Dagster asset checks when the definitions load.

    rules.py        what a rule is, and the words rules are written with
    arrivals.py     rules on what arrives: the ERP systems' extracts and the planners' files
    publication.py  rules on the demand plan, the supply plan and the marts
    suites.py       rules -> Great Expectations -> results (the only importer of great_expectations)
    checks.py       rules -> Dagster checks, one gate a border

Add here: a rule (one line in `arrivals` or `publication`). Keep out: transformations; keys, references and
accepted values inside the warehouse (dbt tests hold those); the laws of the plan (its audit recomputes
them).
"""
