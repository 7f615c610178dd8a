{{ from_system('supplier_capacities') }}
