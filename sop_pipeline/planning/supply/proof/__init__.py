"""Proof of a plan by others than those who made it: laws recomputed from published rows, optimality from arrays.

Add here: a law's audit, a condition of optimality. Keep out: imports of the model's laws and of the solver, whose faults
would hide here.
"""
