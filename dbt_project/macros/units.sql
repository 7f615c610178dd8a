{#- Units of measure: from conversions as a system states them to one exact factor for each item, unit and time.
    A factor is a fraction of two whole numbers without a common divisor, also along a chain of units, so that nothing is
    rounded on the way; a quantity is rounded once, half away from zero, when it is in base units. Add here: arithmetic of
    units. Keep out: which rows a system delivers (its staging). -#}

{#- Conversions in a chain from a unit to the base unit: one, or two, or three at most. -#}
{% macro unit_chain_lengths() %}{{ return([1, 2, 3]) }}{% endmacro %}

{#- The body of a model with one row per item, unit and validity, of two relations:
    base_units (item_id, uom_id) and conversions (item_id or empty for all items, from_uom_id, to_uom_id, numerator,
    denominator, valid_from_date or empty): numerator to_uom are denominator from_uom.
    A conversion may be read backwards. The shortest chain counts; of chains of one length those with fewest conversions that
    hold for all items. A factor that is not above 0 is none, nor are two that contradict each other. -#}
{% macro unit_factors(base_units, conversions) %}
    {%- set hops = unit_chain_lengths() %}
    with items_in_base as (
        select item_id, uom_id from {{ base_units }}
    ),

    stated as (
        select distinct
            item_id,
            from_uom_id,
            to_uom_id,
            coalesce(valid_from_date, cast('{{ beginning() }}' as date)) as valid_from_date,
            {{ lowest_terms('cast(numerator as decimal(38, 6)) * 1000000', 'cast(denominator as decimal(38, 6)) * 1000000') }} as numerator,
            {{ lowest_terms('cast(denominator as decimal(38, 6)) * 1000000', 'cast(numerator as decimal(38, 6)) * 1000000') }} as denominator
        from {{ conversions }}
        where numerator > 0 and denominator > 0 and from_uom_id <> to_uom_id
    ),

    -- Two factors of one day contradict each other.
    dated as (
        select
            item_id,
            from_uom_id,
            to_uom_id,
            valid_from_date,
            min(numerator) as numerator,
            min(denominator) as denominator,
            count(*) as statements
        from stated
        group by item_id, from_uom_id, to_uom_id, valid_from_date
    ),

    in_time as (
        select
            item_id,
            from_uom_id,
            to_uom_id,
            numerator,
            denominator,
            statements,
            valid_from_date,
            coalesce(
                cast({{ dbt.dateadd('day', -1, 'lead(valid_from_date) over (partition by item_id, from_uom_id, to_uom_id order by valid_from_date)') }} as date),
                cast('{{ open_end() }}' as date)
            ) as valid_to_date
        from dated
    ),

    steps as (
        select item_id, from_uom_id, to_uom_id, numerator, denominator, statements, valid_from_date, valid_to_date
        from in_time
        union all
        select item_id, to_uom_id, from_uom_id, denominator, numerator, statements, valid_from_date, valid_to_date
        from in_time
    ),

    -- The base unit itself; a conversion that restates it is not read.
    reached_0 as (
        select
            item_id,
            uom_id,
            cast(1 as decimal(18, 0)) as numerator,
            cast(1 as decimal(18, 0)) as denominator,
            1 as statements,
            cast('{{ beginning() }}' as date) as valid_from_date,
            cast('{{ open_end() }}' as date) as valid_to_date
        from items_in_base
    ),

    {%- for hop in hops %}
    candidates_{{ hop }} as (
        select
            reached.item_id,
            steps.from_uom_id as uom_id,
            {{ lowest_terms('cast(reached.numerator as decimal(19, 0)) * cast(steps.numerator as decimal(19, 0))', 'cast(reached.denominator as decimal(19, 0)) * cast(steps.denominator as decimal(19, 0))') }} as numerator,
            {{ lowest_terms('cast(reached.denominator as decimal(19, 0)) * cast(steps.denominator as decimal(19, 0))', 'cast(reached.numerator as decimal(19, 0)) * cast(steps.numerator as decimal(19, 0))') }} as denominator,
            case when reached.statements > steps.statements then reached.statements else steps.statements end as statements,
            case when reached.valid_from_date > steps.valid_from_date then reached.valid_from_date else steps.valid_from_date end as valid_from_date,
            case when reached.valid_to_date < steps.valid_to_date then reached.valid_to_date else steps.valid_to_date end as valid_to_date,
            case when steps.item_id is null then 1 else 0 end as holds_for_all
        from reached_{{ hop - 1 }} as reached
        inner join steps
            on reached.uom_id = steps.to_uom_id
            and (steps.item_id = reached.item_id or steps.item_id is null)
            and steps.valid_from_date <= reached.valid_to_date
            and steps.valid_to_date >= reached.valid_from_date
        {%- for earlier in [0] + hops if earlier < hop %}
        left join (select distinct item_id, uom_id from reached_{{ earlier }}) as known_{{ earlier }}
            on reached.item_id = known_{{ earlier }}.item_id
            and steps.from_uom_id = known_{{ earlier }}.uom_id
        {%- endfor %}
        where known_0.item_id is null{% for earlier in hops if earlier < hop %} and known_{{ earlier }}.item_id is null{% endfor %}
    ),

    nearest_{{ hop }} as (
        select
            candidates_{{ hop }}.*,
            min(holds_for_all) over (partition by item_id, uom_id) as least_holds_for_all
        from candidates_{{ hop }}
    ),

    reached_{{ hop }} as (
        select
            item_id,
            uom_id,
            min(numerator) as numerator,
            min(denominator) as denominator,
            case
                when min(numerator) < max(numerator) or min(denominator) < max(denominator) then 2
                else max(statements)
            end as statements,
            valid_from_date,
            valid_to_date
        from nearest_{{ hop }}
        where holds_for_all = least_holds_for_all
        group by item_id, uom_id, valid_from_date, valid_to_date
    ),
    {%- endfor %}

    reached as (
        {%- for hop in [0] + hops %}
        select item_id, uom_id, numerator, denominator, statements, valid_from_date, valid_to_date from reached_{{ hop }}
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    )

    select
        item_id,
        uom_id,
        cast(numerator as decimal(18, 6)) as numerator,
        cast(denominator as decimal(18, 6)) as denominator,
        valid_from_date,
        valid_to_date
    from reached
    where
        statements = 1
        and numerator < 1000000000000
        and denominator < 1000000000000
{% endmacro %}

{% macro beginning() %}1901-01-01{% endmacro %}

{% macro open_end() %}9999-12-31{% endmacro %}

{#- Join of delivered rows with the factors of their items' units on the day of the row. -#}
{% macro factor_in_force(relation, day, item='item_id', factors='uom_factors') -%}
    {{ relation }}.{{ item }} = {{ factors }}.item_id
        and {{ relation }}.uom_id = {{ factors }}.uom_id
        and {{ day }} between {{ factors }}.valid_from_date and {{ factors }}.valid_to_date
{%- endmacro %}

{#- First day of the cycle, for rows that have no day of their own. -#}
{% macro cycle_start() -%} cast('{{ env_var('SOP_CYCLE_ID') }}-01' as date) {%- endmacro %}

{#- `value` of the fraction value / other, whole numbers both, in lowest terms; empty where it has more than 18 digits. -#}
{% macro lowest_terms(value, other) -%}
    {{ return(adapter.dispatch('lowest_terms')(value, other)) }}
{%- endmacro %}

{% macro duckdb__lowest_terms(value, other) -%}
    try_cast(cast({{ value }} as hugeint) // gcd(cast({{ value }} as hugeint), cast({{ other }} as hugeint)) as decimal(18, 0))
{%- endmacro %}

{% macro postgres__lowest_terms(value, other) -%}
    case
        when div({{ value }}, gcd({{ value }}, {{ other }})) < 1000000000000000000
            then cast(div({{ value }}, gcd({{ value }}, {{ other }})) as decimal(18, 0))
    end
{%- endmacro %}

{#- value * numerator / denominator in the type decimal(18, scale), rounded once and exactly; empty without a factor, with one
    that is not above 0, and where the result has more than 18 digits. All three have at most 6 decimals. -#}
{% macro exact_quotient(value, numerator, denominator, data_type) -%}
    {{ return(adapter.dispatch('exact_quotient')(value, numerator, denominator, data_type, data_type.split(',')[1].strip(' )') | int)) }}
{%- endmacro %}

{#- Two ways to the same number: in 64 bits where value, numerator and denominator are small enough (2 * 10^11 * 10^6 + 10^12
    fits) and the factor is of whole numbers, else in 128 bits, in which DuckDB divides a bit at a time: fifteen times the work. -#}
{% macro duckdb__exact_quotient(value, numerator, denominator, data_type, scale) -%}
    {%- set small = 'try_cast(' ~ value ~ ' as decimal(11, 6))' -%}
    {%- set small_product = 'cast(' ~ small ~ ' * 1000000 as bigint) * cast(' ~ numerator ~ ' as bigint)' -%}
    {%- set small_divisor = '(cast(' ~ denominator ~ ' as bigint) * ' ~ 10 ** (6 - scale) ~ ')' -%}
    {%- set product = 'cast(cast(' ~ value ~ ' as decimal(38, 6)) * 1000000 as hugeint) * cast(cast(' ~ numerator ~ ' as decimal(38, 6)) * 1000000 as hugeint)' -%}
    {%- set divisor = '(cast(cast(' ~ denominator ~ ' as decimal(38, 6)) * 1000000 as hugeint) * ' ~ 10 ** (6 - scale) ~ ')' -%}
    {%- set unit = 'cast(0.' ~ '0' * (scale - 1) ~ '1 as decimal(' ~ (scale + 1) ~ ', ' ~ scale ~ '))' -%}
    case
        when not ({{ numerator }} > 0 and {{ denominator }} > 0) then null
        when {{ numerator }} = {{ denominator }} then try_cast({{ value }} as {{ data_type }})
        when
            {{ small }} is not null
            and {{ numerator }} <= 1000000 and cast({{ numerator }} as bigint) = {{ numerator }}
            and {{ denominator }} <= 1000000 and cast({{ denominator }} as bigint) = {{ denominator }}
            then try_cast(
                cast(
                    sign({{ value }}) * ((2 * abs({{ small_product }}) + {{ small_divisor }}) // (2 * {{ small_divisor }})) as decimal(18, 0)
                ) * {{ unit }} as {{ data_type }})
        else try_cast(
            try_cast(
                sign({{ value }}) * ((2 * abs({{ product }}) + {{ divisor }}) // (2 * {{ divisor }})) as decimal(18, 0)
            ) * {{ unit }} as {{ data_type }})
    end
{%- endmacro %}

{% macro postgres__exact_quotient(value, numerator, denominator, data_type, scale) -%}
    {%- set product = 'cast(' ~ value ~ ' as numeric) * cast(' ~ numerator ~ ' as numeric) * ' ~ 10 ** scale -%}
    {%- set divisor = 'cast(' ~ denominator ~ ' as numeric)' -%}
    {%- set quotient = 'sign(' ~ value ~ ') * div(2 * abs(' ~ product ~ ') + ' ~ divisor ~ ', 2 * nullif(' ~ divisor ~ ', 0))' -%}
    case
        when not ({{ numerator }} > 0 and {{ denominator }} > 0) then null
        when {{ numerator }} = {{ denominator }} then cast({{ value }} as {{ data_type }})
        when abs({{ quotient }}) >= 1000000000000000000 then null
        else cast({{ quotient }} * {{ '0.' ~ '0' * (scale - 1) ~ '1' }} as {{ data_type }})
    end
{%- endmacro %}
