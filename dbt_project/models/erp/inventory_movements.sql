{{ from_system('inventory_movements') }}
