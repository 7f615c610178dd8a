{#- The layers of the demand plan, and the streams of forecasts that they make: what is measured, in the order of the stair.
    Add here: a layer that is laid on the forecast, and what several reviews of forecasts share. Keep out: how errors add up
    (fct_forecast_performance, fct_forecast_value_added). -#}

{#- Step of the stair -> column of its units, in the order in which the layers are laid on. Their sum is the forecast. -#}
{% macro forecast_layers() %}
    {{ return({
        'statistical': 'statistical_units',
        'launches': 'launch_units',
        'activities': 'activity_units',
        'sales': 'sales_units',
        'order_book': 'order_book_units',
        'overrides': 'override_units',
    }) }}
{% endmacro %}

{#- Stream -> column of its signed error in fct_forecast_accuracy, from the naive to the forecast that was published. A stream
    between them is the forecast up to and with that layer. -#}
{% macro forecast_streams() %}
    {{ return({
        'naive': 'naive_error_units',
        'statistical': 'statistical_error_units',
        'launches': 'launches_error_units',
        'activities': 'activities_error_units',
        'sales': 'sales_error_units',
        'order_book': 'order_book_error_units',
        'final': 'error_units',
    }) }}
{% endmacro %}

{#- Levels that forecasts are reviewed by: product, place and class of demand. -#}
{% macro review_levels() %}
    {{ return({
        'company': "'all'",
        'category': 'category_id',
        'family': 'family_id',
        'subfamily': 'subfamily_id',
        'site': 'site_id',
        'channel': 'channel_id',
        'abc_xyz': 'abc_xyz_class',
        'demand_class': 'demand_class',
    }) }}
{% endmacro %}

{#- The stair without a gap: a stream that a release does not carry stands at the height of the last one before it. -#}
{% macro stair() %}
    {% set columns = forecast_streams().values() | list %}
    {% set heights = {} %}
    {% for stream, column in forecast_streams().items() %}
        {% set known = columns[:loop.index] | reverse | list %}
        {% do heights.update({stream: known[0] if known | length == 1 else 'coalesce(' ~ known | join(', ') ~ ')'}) %}
    {% endfor %}
    {{ return(heights) }}
{% endmacro %}

{#- 97.5 % quantile of Student's distribution by degrees of freedom, from the normal quantile 1.959964 (Abramowitz and Stegun,
    Handbook of Mathematical Functions, 26.7.5): from 4 degrees on within 0.5 % of the tables. -#}
{% macro student_quantile(degrees) -%}
    (
        1.959964
        + 2.372271 * power(cast({{ degrees }} as double precision), -1)
        + 2.822499 * power(cast({{ degrees }} as double precision), -2)
        + 2.555850 * power(cast({{ degrees }} as double precision), -3)
        + 1.589534 * power(cast({{ degrees }} as double precision), -4)
    )
{%- endmacro %}

{#- Fewer independent series than this prove nothing. -#}
{% macro fewest_series_for_proof() -%} 5 {%- endmacro %}
