{{ config(alias='operation_confirmations') }}

{{ kept_out_of('operation_confirmations') }}
