{{ from_system('prices') }}
