{{ config(alias='invoice_lines') }}

{{ kept_out_of('invoice_lines') }}
