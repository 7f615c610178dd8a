{{ config(alias='transfer_orders') }}

{{ kept_out_of('transfer_orders') }}
