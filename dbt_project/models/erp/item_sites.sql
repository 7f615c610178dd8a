{{ from_system('item_sites') }}
