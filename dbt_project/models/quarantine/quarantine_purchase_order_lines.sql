{{ config(alias='purchase_order_lines') }}

{{ kept_out_of('purchase_order_lines') }}
