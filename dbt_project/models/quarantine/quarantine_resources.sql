{{ config(alias='resources') }}

{{ kept_out_of('resources') }}
