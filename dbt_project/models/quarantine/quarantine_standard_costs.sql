{{ config(alias='standard_costs') }}

{{ kept_out_of('standard_costs') }}
