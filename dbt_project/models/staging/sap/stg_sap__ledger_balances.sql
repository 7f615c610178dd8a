{{ as_delivered('sap', 'supplement_ledger_balances') }}
