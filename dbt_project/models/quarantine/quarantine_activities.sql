{{ config(alias='activities') }}

{{ kept_out_of('activities') }}
