{{ config(alias='suppliers') }}

{{ kept_out_of('suppliers') }}
