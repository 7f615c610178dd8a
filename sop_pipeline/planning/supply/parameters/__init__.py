"""Planning parameters held against what documents say: lead times, lots, minimums, yields, rates.

`review` is the door, `evidence` its statistics. Add here: a kind of parameter. Keep out: what is then planned with.
"""
