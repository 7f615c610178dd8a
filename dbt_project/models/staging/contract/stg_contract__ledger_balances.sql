{{ as_delivered('contract', 'ledger_balances') }}
