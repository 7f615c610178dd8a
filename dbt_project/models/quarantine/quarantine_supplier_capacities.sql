{{ config(alias='supplier_capacities') }}

{{ kept_out_of('supplier_capacities') }}
