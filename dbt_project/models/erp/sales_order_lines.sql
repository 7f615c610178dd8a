{{ from_system('sales_order_lines') }}
