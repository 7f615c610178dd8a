-- Each KPI of the dictionary stands on the scorecard once, and says why where it has no value.
with

dictionary as (select * from {{ ref('kpi_dictionary') }}),

scorecard as (select * from {{ ref('kpi_scorecard') }})

select
    dictionary.kpi_id,
    scorecard.status,
    scorecard.status_reason
from dictionary
full outer join scorecard on dictionary.kpi_id = scorecard.kpi_id
where
    dictionary.kpi_id is null
    or scorecard.kpi_id is null
    or (scorecard.status = 'no_data') <> (scorecard.actual_value is null)
