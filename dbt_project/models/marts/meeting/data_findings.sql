with

facts as (select * from {{ ref('fct_data_findings') }}),

populations as (select * from {{ ref('finding_populations') }}),

parameters as (select * from {{ ref('fct_parameters') }}),

earlier_findings as (select * from {{ source('published', 'data_findings') }}),

cycle as (select * from {{ ref('dim_cycle') }}),

register as (
    {% for finding in finding_register() %}
    select
        {{ text_literal(finding.finding_id) }} as finding_id,
        {{ text_literal(finding.finding_name) }} as finding_name,
        {{ text_literal(finding.process_step) }} as process_step,
        {{ text_literal(finding.severity) }} as severity,
        {{ text_literal(finding.object_name) }} as object_name,
        {{ text_literal(finding.unit) }} as unit,
        {{ text_literal(finding.population) }} as population_id,
        {{ text_literal(finding.limit_measure) }} as limit_measure,
        {{ text_literal(finding.limit_parameter) }} as limit_parameter,
        {{ text_literal(finding.meaning) }} as meaning,
        {{ text_literal(finding.handling) }} as handling,
        {{ text_literal(finding.remedy) }} as remedy,
        {{ text_literal(finding.owner) }} as owner
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

ranked as (

    select
        facts.finding_id,
        facts.object_id,
        facts.quantity,
        facts.finding_value,
        facts.object_id || ' (' || facts.evidence || ')' as example,
        row_number() over (
            partition by facts.finding_id
            order by
                case when facts.finding_value is null then 1 else 0 end,
                facts.finding_value desc,
                case when facts.quantity is null then 1 else 0 end,
                facts.quantity desc,
                facts.object_id
        ) as place
    from facts

),

counted as (

    select
        finding_id,
        count(*) as finding_count,
        sum(quantity) as finding_quantity,
        sum(finding_value) as finding_value,
        max(case when place = 1 then example else '' end)
        || max(case when place = 2 then '; ' || example else '' end)
        || max(case when place = 3 then '; ' || example else '' end) as examples
    from ranked
    group by finding_id

),

prior_cycle as (

    select max(earlier_findings.cycle_id) as cycle_id
    from earlier_findings
    inner join cycle on earlier_findings.cycle_id < cycle.cycle_id

),

prior as (

    select
        earlier_findings.finding_id,
        earlier_findings.finding_count,
        earlier_findings.finding_value
    from earlier_findings
    inner join prior_cycle on earlier_findings.cycle_id = prior_cycle.cycle_id

),

limits as (

    select
        parameter_id,
        max(parameter_value) as limit_value
    from parameters
    where scope = 'company'
    group by parameter_id

),

joined as (

    select
        cycle.cycle_id,
        register.finding_id,
        register.finding_name,
        register.process_step,
        register.severity,
        register.object_name,
        register.unit,
        register.meaning,
        register.handling,
        register.remedy,
        register.owner,
        register.limit_measure,
        register.limit_parameter,
        coalesce(counted.finding_count, 0) as finding_count,
        populations.checked_count,
        case when register.unit <> '' then coalesce(counted.finding_quantity, 0) end as finding_quantity,
        case when register.unit <> '' then populations.checked_quantity end as checked_quantity,
        counted.finding_value,
        coalesce(counted.examples, '') as examples,
        limits.limit_value,
        prior_cycle.cycle_id as prior_cycle_id,
        prior.finding_count as prior_count,
        prior.finding_value as prior_value
    from register
    cross join cycle
    cross join prior_cycle
    left join counted on register.finding_id = counted.finding_id
    left join populations on register.population_id = populations.population_id
    left join prior on register.finding_id = prior.finding_id
    left join limits on register.limit_parameter = limits.parameter_id

),

measured as (

    select
        joined.*,
        case limit_measure
            when 'count' then finding_count
            when 'quantity_ratio' then coalesce({{ ratio('finding_quantity', 'checked_quantity') }}, 0)
        end as measured_value
    from joined

),

findings as (

    select
        cycle_id,
        finding_id,
        finding_name,
        process_step,
        severity,
        object_name,
        finding_count,
        checked_count,
        unit,
        finding_quantity,
        checked_quantity,
        finding_value,
        limit_measure,
        limit_parameter,
        limit_value,
        measured_value,
        case
            when finding_count = 0 then 'none'
            when measured_value > limit_value then 'over_limit'
            else 'found'
        end as status,
        prior_count,
        prior_value,
        case
            when prior_cycle_id is null then 'unknown'
            when finding_count = 0 and coalesce(prior_count, 0) = 0 then 'none'
            when finding_count = 0 then 'gone'
            when coalesce(prior_count, 0) = 0 then 'new'
            when finding_count > prior_count then 'worse'
            when finding_count < prior_count then 'better'
            else 'unchanged'
        end as trend,
        meaning,
        handling,
        remedy,
        owner,
        examples
    from measured

)

{{ select_contract('findings') }}
