{{ from_system('activities') }}
