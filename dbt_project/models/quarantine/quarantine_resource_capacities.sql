{{ config(alias='resource_capacities') }}

{{ kept_out_of('resource_capacities') }}
