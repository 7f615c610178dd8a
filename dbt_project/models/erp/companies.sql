{{ from_system('companies') }}
