{{ from_system('suppliers') }}
