{{ overdue_supply('transfer') }}
