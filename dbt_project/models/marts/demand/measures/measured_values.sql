-- The answer to each request: the quotient of the sums over its closed months, and how many of them had facts.
with

requests as (select * from {{ ref('measure_requests') }}),

facts as (select * from {{ ref('measure_facts') }}),

measured as (

    select
        requests.subject,
        requests.subject_id,
        requests.span,
        requests.metric,
        requests.first_period_start_date,
        requests.last_period_start_date,
        max(facts.unit) as unit,
        count(facts.period_start_date) as months_measured,
        {{ ratio('sum(facts.numerator)', 'sum(facts.denominator)') }} as measured_value
    from requests
    left join facts
        on
            requests.metric = facts.metric
            and requests.scope = facts.scope
            and requests.scope_id = facts.scope_id
            and facts.period_start_date >= requests.first_period_start_date
            and facts.period_start_date <= requests.last_period_start_date
    group by
        requests.subject,
        requests.subject_id,
        requests.span,
        requests.metric,
        requests.first_period_start_date,
        requests.last_period_start_date

)

select * from measured
