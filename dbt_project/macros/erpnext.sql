{#- What several staging models of ERPNext share. Add here: a rule of ERPNext's documents that more than one model needs.
    Keep out: what other systems share (staging.sql), and rules of one doctype (its model). -#}

{#- Common table expression `tree`: one row per node and node above it (itself included) of a tree doctype, with the level
    of that one; the root has level 0. A node whose parent is not in the extract is a root. Needs `with recursive`. -#}
{% macro tree_of(doctype, parent_column) %}
    nodes as (
        select
            records.name as node,
            parents.name as parent
        from {{ source('erpnext', doctype) }} as records
        left join {{ source('erpnext', doctype) }} as parents on records.{{ parent_column }} = parents.name
    ),

    climbed as (
        select
            node,
            node as ancestor,
            parent,
            0 as steps
        from nodes

        union all

        select
            climbed.node,
            nodes.node as ancestor,
            nodes.parent,
            climbed.steps + 1 as steps
        from climbed
        inner join nodes on climbed.parent = nodes.node
        where climbed.steps < 50
    ),

    heights as (
        select
            node,
            max(steps) as height
        from climbed
        group by node
    ),

    tree as (
        select
            climbed.node,
            climbed.ancestor,
            heights.height - climbed.steps as level
        from climbed
        inner join heights on climbed.node = heights.node
    )
{% endmacro %}

{#- Quantity of a document line in base units: ERPNext keeps it beside the quantity in the line's own unit. Empty where it is
    counted in another stock unit than the item's (the unit was changed since), and for an item that is not known. -#}
{% macro stock_units(line, item_codes, quantity='stock_qty') -%}
    cast(
            case when coalesce({{ line }}.stock_uom, {{ item_codes }}.stock_uom) = {{ item_codes }}.stock_uom
                then {{ line }}.{{ quantity }} end
            as decimal(18, 3)
        )
{%- endmacro %}

{#- The price of one uom as the price of one base unit; empty without a factor above 0. -#}
{% macro stock_unit_price(rate, conversion_factor) -%}
    {{ ratio(rate, 'case when ' ~ conversion_factor ~ ' > 0 then ' ~ conversion_factor ~ ' end') }}
{%- endmacro %}

{#- True where a line is of goods that are planned, or of an item that nobody knows: that one is kept out of erp with a
    reason. Services and templates are no goods. -#}
{% macro is_of_goods(item_codes) -%}
    coalesce({{ item_codes }}.is_planned, true)
{%- endmacro %}

{#- Common table expression `replaced`: documents that an amended one stands for. The cancelled original and its amendment
    are one document; while the amendment is a draft, the original is a cancelled one. -#}
{% macro replaced_documents(doctype) %}
    replaced as (
        select distinct amended_from as name
        from {{ source('erpnext', doctype) }}
        where amended_from is not null and docstatus > 0
    )
{% endmacro %}

{#- The first of the pricing rules of a line, a list such as ["PRLE-0017", "PRLE-0018"]: the activity it was sold under. -#}
{% macro first_pricing_rule(pricing_rules) -%}
    nullif(trim(replace(replace(replace(split_part({{ pricing_rules }}, ',', 1), '[', ''), ']', ''), '"', '')), '')
{%- endmacro %}
