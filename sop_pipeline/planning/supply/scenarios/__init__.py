"""Scenarios and options: a small difference of the plan of record, solved for real and set beside it.

`levers` change the arrays, `solves` solves again, `comparison` publishes. Add here: a lever, a figure of comparison.
Keep out: what people entered as options (`planning.supply.options`), solving itself (`solving.near`).
"""
