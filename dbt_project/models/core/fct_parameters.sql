with planning_parameters as (
    select * from {{ source('planner', 'planning_parameters') }}
),

defaults as (
    {%- for parameter_id, value in parameter_defaults().items() %}
    select '{{ parameter_id }}' as parameter_id, 'company' as scope, 'all' as scope_id, {{ value }} as parameter_value
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

in_force as (
    select
        parameter_id,
        scope,
        scope_id,
        parameter_value,
        true as is_declared
    from planning_parameters

    union all

    select
        defaults.parameter_id,
        defaults.scope,
        defaults.scope_id,
        defaults.parameter_value,
        false as is_declared
    from defaults
    left join planning_parameters
        on defaults.parameter_id = planning_parameters.parameter_id
        and defaults.scope = planning_parameters.scope
        and defaults.scope_id = planning_parameters.scope_id
    where planning_parameters.parameter_id is null
)

{{ select_contract('in_force') }}
