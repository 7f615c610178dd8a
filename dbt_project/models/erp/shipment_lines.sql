{{ from_system('shipment_lines') }}
