"""The programme as arrays, and its optimum: from rows and columns to a point that ends in a basis.

`solve` is the door, `warm` the one for a right-hand side that moves, `near` the one for other numbers. Add here: what makes
solving surer or faster without changing which plans are allowed. Keep out: laws (`laws`), the meaning of rows and columns.
"""
