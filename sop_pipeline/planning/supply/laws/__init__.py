"""The laws of the plan: variables, rows and costs of the linear programme, one law a file.

`model.BLOCKS` is the table of contents and the order in which laws are written; `supply_model` is the programme under
construction, `terms` what laws append to each other's rows. Add here: a law as a block of its own, listed in `model`.
Keep out: how the programme is solved (`solving`), what is published (`results`), the audit of the same law (`proof`).
"""
