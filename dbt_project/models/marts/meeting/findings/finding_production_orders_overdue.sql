{{ overdue_supply('production') }}
