{{ from_system('calendars') }}
