{{ from_system('ledger_balances') }}
