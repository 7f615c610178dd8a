"""Sources: getting rows out of somebody's ERP into the landing zone, untouched.

A source is one module (or package) behind the one protocol of `protocol.py`: asked for a cycle, it writes that
cycle's extract files into the folder it is given, in the shape of one source contract
(`dbt_project/models/staging/<system>/_<system>__sources.yml`). What the rows mean is decided later, in staging.

Add here: nothing for an ERP whose extracts are files in a folder (`catalogue` says how to add one); one module or package
for a source that needs a reader of its own.
Keep out: typing, mapping, quality rules and any planning logic.
"""
