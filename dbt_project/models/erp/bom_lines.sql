{{ from_system('bom_lines') }}
