{{ from_system('customers') }}
