{{ config(alias='companies') }}

{{ kept_out_of('companies') }}
