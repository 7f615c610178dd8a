"""What a solved plan says, in published quantities: flows, stock, service, money, use of policies.

Everything starts at the rounded flows. Add here: a frame derived from them. Keep out: the solver, the audit (`proof`).
"""
