{{ config(alias='inventory_snapshots') }}

{{ kept_out_of('inventory_snapshots') }}
