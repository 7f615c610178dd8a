{{ config(alias='item_sites') }}

{{ kept_out_of('item_sites') }}
