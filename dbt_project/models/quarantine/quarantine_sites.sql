{{ config(alias='sites') }}

{{ kept_out_of('sites') }}
