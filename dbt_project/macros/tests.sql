{#- Generic tests. A failing row is returned; no row is a pass. -#}

{% test unique_grain(model, columns) %}
    select {{ columns | join(', ') }}, count(*) as duplicates
    from {{ model }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}
