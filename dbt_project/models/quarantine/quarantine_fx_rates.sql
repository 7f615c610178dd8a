{{ config(alias='fx_rates') }}

{{ kept_out_of('fx_rates') }}
