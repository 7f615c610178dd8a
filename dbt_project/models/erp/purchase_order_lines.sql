{{ from_system('purchase_order_lines') }}
