{{ config(alias='production_orders') }}

{{ kept_out_of('production_orders') }}
