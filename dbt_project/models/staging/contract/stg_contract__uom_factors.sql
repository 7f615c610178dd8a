{{ config(materialized='table') }}

{{ unit_factors(ref('stg_contract__base_units'), ref('stg_contract__uom_conversions')) }}
