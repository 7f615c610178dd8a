{{ config(alias='prices') }}

{{ kept_out_of('prices') }}
