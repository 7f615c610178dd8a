{{ from_system('standard_costs') }}
