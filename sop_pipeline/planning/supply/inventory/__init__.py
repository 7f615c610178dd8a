"""Safety and target stock: how much to hold, where and why, before the plan is made.

`safety_stock` is the door. Add here: a way to set or explain a target. Keep out: what stock came to be (dbt's marts).
"""
