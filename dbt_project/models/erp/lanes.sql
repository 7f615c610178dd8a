{{ from_system('lanes') }}
