{{ config(alias='routing_operations') }}

{{ kept_out_of('routing_operations') }}
