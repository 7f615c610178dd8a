{{ config(alias='inventory_movements') }}

{{ kept_out_of('inventory_movements') }}
