{{ config(alias='customers') }}

{{ kept_out_of('customers') }}
