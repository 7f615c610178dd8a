{{ from_system('resources') }}
