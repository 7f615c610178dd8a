{{ config(alias='bom_lines') }}

{{ kept_out_of('bom_lines') }}
