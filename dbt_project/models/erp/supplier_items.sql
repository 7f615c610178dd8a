{{ from_system('supplier_items') }}
