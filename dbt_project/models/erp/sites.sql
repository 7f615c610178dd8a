{{ from_system('sites') }}
