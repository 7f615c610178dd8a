{{ from_system('inventory_snapshots') }}
