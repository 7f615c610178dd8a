"""What is short and what it costs: limits that bind, their prices, the demand that hangs on them, and why.

`limits` lists them, `confirmation` solves again for their prices, `chains` walks from demand to the limit. Add here: what
explains a shortage. Keep out: remedies (`scenarios`).
"""
