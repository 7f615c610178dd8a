with

cycle as (select * from {{ ref('dim_cycle') }}),

parameters as (select * from {{ ref('fct_parameters') }}),

tolerances as (

    select
        scope_id as reconciliation_id,
        max(case when parameter_id = 'reconciliation_maximum_ratio' then parameter_value end) as tolerance_ratio,
        max(case when parameter_id = 'reconciliation_stop_ratio' then parameter_value end) as stop_ratio
    from parameters
    where parameter_id in ('reconciliation_maximum_ratio', 'reconciliation_stop_ratio') and scope = 'reconciliation'
    group by scope_id

),

compared as (

    {% for reconciliation in reconciliation_register() %}
    select
        '{{ reconciliation.id }}' as reconciliation_id,
        cast(object_id as {{ dbt.type_string() }}) as object_id,
        period_start_date,
        cast(left_value as decimal(18, 4)) as left_value,
        cast(right_value as decimal(18, 4)) as right_value,
        cast(difference as decimal(18, 4)) as difference,
        cast(checked_count as bigint) as checked_count,
        cast(differing_count as bigint) as differing_count,
        cast(currency_code as {{ dbt.type_string() }}) as currency_code
    from {{ ref('reconciliation_' ~ reconciliation.id) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

register as (

    {% for reconciliation in reconciliation_register() %}
    select
        '{{ reconciliation.id }}' as reconciliation_id,
        '{{ reconciliation.name }}' as reconciliation_name,
        '{{ reconciliation.left_name }}' as left_name,
        '{{ reconciliation.right_name }}' as right_name,
        '{{ reconciliation.unit }}' as unit,
        cast({{ reconciliation.tolerance_ratio }} as decimal(18, 6)) as tolerance_ratio,
        cast({{ reconciliation.tolerance }} as decimal(18, 4)) as least_tolerance,
        cast({{ 'null' if reconciliation.stop_ratio is none else reconciliation.stop_ratio }} as decimal(18, 6)) as stop_ratio
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

judged as (

    select
        cycle.cycle_id,
        register.reconciliation_id,
        register.reconciliation_name,
        coalesce(compared.object_id, 'all') as object_id,
        coalesce(compared.period_start_date, {{ last_closed_month() }}) as period_start_date,
        register.left_name,
        compared.left_value,
        register.right_name,
        compared.right_value,
        compared.difference,
        case
            when abs(compared.right_value) * coalesce(tolerances.tolerance_ratio, register.tolerance_ratio) > register.least_tolerance
                then {{ product('abs(compared.right_value)', 'coalesce(tolerances.tolerance_ratio, register.tolerance_ratio)') }}
            else register.least_tolerance
        end as tolerance,
        -- a limit of a thousand times and more is none
        case
            when coalesce(tolerances.stop_ratio, register.stop_ratio) < 1000 and coalesce(compared.period_start_date, {{ last_closed_month() }}) = {{ last_closed_month() }}
                then {{ product('abs(compared.right_value)', 'coalesce(tolerances.stop_ratio, register.stop_ratio)') }}
        end as stop_limit,
        register.unit,
        compared.currency_code,
        coalesce(compared.checked_count, 0) as checked_count,
        coalesce(compared.differing_count, 0) as differing_count
    from register
    cross join cycle
    left join compared on register.reconciliation_id = compared.reconciliation_id
    left join tolerances on register.reconciliation_id = tolerances.reconciliation_id

),

reconciled as (

    select
        cycle_id,
        reconciliation_id,
        reconciliation_name,
        object_id,
        period_start_date,
        left_name,
        left_value,
        right_name,
        right_value,
        difference,
        tolerance,
        stop_limit,
        unit,
        currency_code,
        checked_count,
        differing_count,
        case
            when difference is null then 'not_given'
            when abs(difference) <= tolerance then 'agrees'
            when abs(difference) > stop_limit then 'beyond_limit'
            else 'differs'
        end as status
    from judged

)

{{ select_contract('reconciled') }}
