{{ config(alias='ledger_balances') }}

{{ kept_out_of('ledger_balances') }}
