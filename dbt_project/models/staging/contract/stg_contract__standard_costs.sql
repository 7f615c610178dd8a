{{ as_delivered('contract', 'standard_costs', {'cost_basis': "'stated'"}) }}
