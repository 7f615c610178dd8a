{{ config(alias='lanes') }}

{{ kept_out_of('lanes') }}
