with

cycle as (select * from {{ ref('dim_cycle') }}),

reviews as (select * from {{ source('planning', 'parameter_reviews') }}),

parameters as (select * from {{ ref('fct_configured_parameters') }}),

items as (select * from {{ ref('dim_items') }}),

suppliers as (select * from {{ ref('dim_suppliers') }}),

resources as (select * from {{ ref('dim_resources') }}),

production as (select * from {{ ref('fct_production_history') }}),

receipts as (select * from {{ ref('fct_receipts') }}),

component_use as (select * from {{ ref('fct_component_use') }}),

positions as (select * from {{ ref('fct_inventory_position') }}),

passed as (

    select
        {{ make_source_id('production.item_id', 'production.site_id') }} as source_id,
        production.item_id,
        production.site_id,
        production.completed_units as units
    from production
    cross join cycle
    where
        production.period_start_date < cycle.cycle_start_date
        and production.period_start_date >= {{ months_after('cycle.cycle_start_date', '-' ~ review_months()) }}

    union all

    select
        {{ buy_source_id('receipts.item_id', 'receipts.site_id', 'receipts.supplier_id') }} as source_id,
        receipts.item_id,
        receipts.site_id,
        receipts.received_units as units
    from receipts
    cross join cycle
    where
        receipts.received_date < cycle.cycle_start_date
        and receipts.received_date >= {{ months_after('cycle.cycle_start_date', '-' ~ review_months()) }}

    union all

    select
        component_use.item_id || '@' || component_use.site_id as source_id,
        component_use.item_id,
        component_use.site_id,
        component_use.consumed_units as units
    from component_use
    cross join cycle
    where component_use.period_start_date >= {{ months_after('cycle.cycle_start_date', '-' ~ review_months()) }}

),

values_of_year as (

    select
        passed.source_id,
        sum({{ product('passed.units', 'positions.unit_cost') }}) as last_year_value
    from passed
    inner join positions
        on
            passed.item_id = positions.item_id
            and passed.site_id = positions.site_id
    group by passed.source_id

),

named as (

    select
        cycle.cycle_id,
        parameters.parameter_id,
        parameters.object_id,
        parameters.object_type,
        case parameters.object_type
            when 'lane' then 'Lane ' || parameters.object_id
            when 'buy' then items.item_name || ' at ' || parameters.site_id || ' from ' || coalesce(suppliers.supplier_name, parameters.supplier_id)
            when 'operation' then items.item_name || ', operation ' || parameters.operation_number || ' on ' || coalesce(resources.resource_name, parameters.resource_id)
            when 'make' then items.item_name || ' made at ' || parameters.site_id
            else items.item_name || ' at ' || parameters.site_id
        end as object_name,
        parameters.item_id,
        parameters.site_id,
        parameters.supplier_id,
        parameters.resource_id,
        items.family_id,
        parameters.unit,
        reviews.configured_value,
        reviews.measured_value,
        reviews.p50_value,
        reviews.p90_value,
        reviews.observation_count,
        reviews.standard_error,
        reviews.delta_value,
        {{ ratio('reviews.delta_value', 'reviews.configured_value') }} as delta_ratio,
        reviews.tolerance_value,
        reviews.test_statistic,
        reviews.p_value,
        reviews.adjusted_p_value,
        reviews.verdict,
        reviews.proposed_value,
        parameters.decision_state,
        parameters.accepted_value,
        parameters.decision_reason,
        parameters.decision_owner,
        parameters.is_planned_with,
        reviews.verdict = 'wrong' and parameters.decision_state in ('open', 'lapsed') as needs_decision,
        coalesce(values_of_year.last_year_value, 0) as last_year_value
    from reviews
    cross join cycle
    inner join parameters
        on
            reviews.parameter_id = parameters.parameter_id
            and reviews.object_id = parameters.object_id
    left join items on parameters.item_id = items.item_id
    left join suppliers on parameters.supplier_id = suppliers.supplier_id
    left join resources on parameters.resource_id = resources.resource_id
    left join values_of_year
        on
            case
                when parameters.object_type = 'operation' then {{ make_source_id('parameters.item_id', 'parameters.site_id') }}
                else parameters.object_id
            end = values_of_year.source_id

),

final as (

    select
        named.*,
        case
            when verdict = 'wrong'
                then row_number() over (
                    partition by verdict
                    order by last_year_value desc, abs(delta_ratio) desc, parameter_id, object_id
                )
        end as value_rank
    from named

)

{{ select_contract('final') }}
