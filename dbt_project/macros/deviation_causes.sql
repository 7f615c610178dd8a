{#- Causes of a forecast error, in the order in which they take their part of it, and the limits of the rules.
    Three are arithmetic: what was added to or taken from the month when history was cleansed, and what an activity was
    planned to sell less what it did. The others judge what is left after those before them.
    Add here: a cause (its code and meaning) or a limit. Keep out: how much of an error a cause takes
    (models/marts/demand/deviations/). -#}

{#- Code: what it means. The order is the order of the rules. -#}
{% macro deviation_causes() %}
    {{ return({
        'stock_out': 'Demand that was not recorded because the shelf was empty',
        'one_off_order': 'A single order or lonely peak far above the usual',
        'promotion_miss': 'Units that an activity was planned to sell less those that it sold',
        'launch_or_phase_out': 'The item was being launched, or ran out, or its successor was launched',
        'price': 'The realised price differed from the one that the forecast was priced at',
        'timing': 'Over three months the error nets out: demand came in another month',
        'model_bias': 'The forecast of the series errs to one side time and again',
        'unexplained': 'What no rule explains',
    }) }}
{% endmacro %}

{#- Longest lag that errors are split for: the month itself and the month before, which the reviews speak of. -#}
{% macro causes_longest_lag_months() -%} 1 {%- endmacro %}

{#- Months from an item's launch, and before its end, in which the plan of the launch or phase-out answers for the error. -#}
{% macro launch_months() -%} 12 {%- endmacro %}
{% macro phase_out_months() -%} 6 {%- endmacro %}

{#- A realised price within this share of the expected one explains nothing: mix alone moves it as much. -#}
{% macro price_change_minimum_ratio() -%} 0.05 {%- endmacro %}

{#- Share of the gross error of three months within which their net error is about zero. -#}
{% macro timing_maximum_ratio() -%} 0.10 {%- endmacro %}

{#- Share of a month's demand from which a cause counts as seen in a cycle. -#}
{% macro recurring_minimum_ratio() -%} 0.10 {%- endmacro %}

{#- Cycles in which a cause must have been seen to be told where nobody acts on it (process line S-0.8). -#}
{% macro recurring_minimum_cycles() -%} 3 {%- endmacro %}

{#- A part of `wanted` in the direction of `remaining`, never more than it: what a rule takes. -#}
{% macro taken(wanted, remaining) -%}
    case
        when {{ wanted }} > 0 and {{ remaining }} > 0 then least({{ wanted }}, {{ remaining }})
        when {{ wanted }} < 0 and {{ remaining }} < 0 then greatest({{ wanted }}, {{ remaining }})
        else 0
    end
{%- endmacro %}

{#- Name of a cause at an object, by which actions and issues speak of it. -#}
{% macro cause_id(cause_code, item, site) -%} {{ cause_code }} || ':' || {{ item }} || '@' || {{ site }} {%- endmacro %}

{#- CTE that says which action answers a cause: the first by name that is not cancelled. Reads a CTE `actions`. -#}
{% macro answers_of_causes() %}
answers as (

    select
        cause_id,
        min(action_id) as action_id,
        count(*) as action_count
    from actions
    where cause_id is not null and action_status <> 'cancelled'
    group by cause_id

)
{% endmacro %}

{#- Causes seen over the cycles (a CTE `seen` with these columns), each with what answers it; seen often and unanswered, a cause
    is an exception. Reads CTEs `cycle`, `seen` and `answers`. -#}
{% macro recurrence_of_causes(columns) %}
    select
        cycle.cycle_id,
        {%- for column in columns %}
        seen.{{ column }},
        {%- endfor %}
        answers.action_id,
        coalesce(answers.action_count, 0) as action_count,
        seen.cycles_seen >= {{ recurring_minimum_cycles() }} and answers.action_id is null as is_exception
    from seen
    cross join cycle
    left join answers on seen.cause_id = answers.cause_id
{% endmacro %}
