{{ config(alias='purchase_receipts') }}

{{ kept_out_of('purchase_receipts') }}
