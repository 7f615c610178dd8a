{{ config(alias='uom_conversions') }}

{{ kept_out_of('uom_conversions') }}
