{{ config(alias='downtimes') }}

{{ kept_out_of('downtimes') }}
