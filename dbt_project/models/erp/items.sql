{{ from_system('items') }}
