{{ config(alias='calendars') }}

{{ kept_out_of('calendars') }}
