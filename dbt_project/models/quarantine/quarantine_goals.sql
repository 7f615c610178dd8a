{{ config(alias='goals') }}

{{ kept_out_of('goals') }}
