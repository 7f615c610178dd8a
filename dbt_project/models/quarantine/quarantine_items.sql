{{ config(alias='items') }}

{{ kept_out_of('items') }}
