{{ config(alias='supplier_items') }}

{{ kept_out_of('supplier_items') }}
