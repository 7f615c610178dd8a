{{ config(alias='payment_terms') }}

{{ kept_out_of('payment_terms') }}
