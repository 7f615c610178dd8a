{{ config(alias='sales_order_lines') }}

{{ kept_out_of('sales_order_lines') }}
