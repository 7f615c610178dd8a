{{ config(alias='shipment_lines') }}

{{ kept_out_of('shipment_lines') }}
