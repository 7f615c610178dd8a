{{ from_system('invoice_lines') }}
