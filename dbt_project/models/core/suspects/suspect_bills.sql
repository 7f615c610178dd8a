{#- Bills deeper than twenty levels, or of more than ten million rows once exploded: nobody makes such a thing, and nothing
    that walks over bills would end. Rows below an item are added up level by level from the leaves; twenty steps reach the
    bottom of every sound bill, so an item that still grows in the next step is deeper. -#}
{% set levels = bill_maximum_levels() %}
with

bills as (select * from {{ ref('fct_bill_of_materials') }}),

level_0 as (

    select distinct
        parent_item_id as item_id,
        site_id,
        cast(0 as double precision) as rows_below
    from bills

),
{% for level in bill_steps() %}
level_{{ level }} as (

    select
        bills.parent_item_id as item_id,
        bills.site_id,
        sum(1 + coalesce(below.rows_below, 0)) as rows_below
    from bills
    left join level_{{ level - 1 }} as below
        on bills.component_item_id = below.item_id
        and bills.site_id = below.site_id
    group by bills.parent_item_id, bills.site_id

),
{% endfor %}
ranked as (

    select
        deepest.item_id,
        deepest.site_id,
        deepest.rows_below,
        deepest.rows_below > shallower.rows_below as is_deeper
    from level_{{ levels + 1 }} as deepest
    inner join level_{{ levels }} as shallower
        on deepest.item_id = shallower.item_id
        and deepest.site_id = shallower.site_id

)

select
    'bills_too_large' as check_id,
    item_id || ' @ ' || site_id as object_id,
    {{ rounded('case when is_deeper then ' ~ (levels + 1) ~ ' else least(rows_below, 1e9) end', 'decimal(18,6)') }} as measured_value,
    {{ rounded('case when is_deeper then ' ~ levels ~ ' else ' ~ bill_maximum_rows() ~ ' end', 'decimal(18,6)') }} as limit_value,
    case
        when is_deeper then 'more than {{ levels }} levels'
        else 'more than {{ bill_maximum_rows() }} rows once exploded'
    end as evidence
from ranked
where is_deeper or rows_below > {{ bill_maximum_rows() }}
