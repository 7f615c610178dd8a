{{ from_system('goals') }}
