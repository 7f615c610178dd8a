{{ from_system('downtimes') }}
