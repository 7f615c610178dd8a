{{ overdue_supply('purchase') }}
