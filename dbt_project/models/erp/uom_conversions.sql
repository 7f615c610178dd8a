{{ from_system('uom_conversions') }}
