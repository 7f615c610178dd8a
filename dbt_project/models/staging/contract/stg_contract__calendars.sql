{{ as_delivered('contract', 'calendars') }}
