{{ config(alias='storage_capacities') }}

{{ kept_out_of('storage_capacities') }}
