"""Planners' inputs as workbooks: written for a role, read back safely, judged, kept, and merged with what was delivered.

`export` writes a workbook, `security` and `parse` read one that somebody sent, `judge` and `rules` say what is wrong with
it, `merge` decides which statement holds where people differ, `journal` keeps every file and every change for good.
Add here: what planners' files need. Keep out: the tables themselves (dbt YAML), homes and releases (planner_inputs),
planning; files of systems (sources, warehouse).
"""
