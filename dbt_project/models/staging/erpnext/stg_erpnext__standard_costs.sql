with month_ends as (

    select * from {{ ref('base_erpnext__month_end_stock') }}

),

warehouses as (

    select * from {{ ref('base_erpnext__warehouses') }}

),

items as (

    select * from {{ source('erpnext', 'item') }}

),

bins as (

    select * from {{ source('erpnext', 'bin') }}

),

item_sites as (

    select * from {{ ref('stg_erpnext__item_sites') }}

),

sites as (

    select * from {{ ref('stg_erpnext__sites') }}

),

bills as (

    select * from {{ source('erpnext', 'bom') }}
    where docstatus = 1 and is_active and base_total_cost > 0 and quantity > 0

),

prices as (

    select * from {{ ref('base_erpnext__item_prices') }}
    where buying and unit_price > 0

),

home_company as (

    select * from {{ ref('base_erpnext__home_company') }}

),

supplement as (

    select * from {{ source('erpnext', 'supplement_standard_costs') }}

),

-- The value of what stands at a site by its quantity; where nothing does, the last rate.
closings as (

    select
        month_ends.item_id,
        warehouses.site_id,
        month_ends.snapshot_date,
        coalesce(
            case when sum(month_ends.on_hand_units) > 0 then {{ ratio('sum(month_ends.stock_value)', 'sum(month_ends.on_hand_units)') }} end,
            cast(max(month_ends.valuation_rate) as decimal(18, 6))
        ) as unit_cost,
        min(month_ends.source_file_sha256) as source_file_sha256,
        cast(min(month_ends.source_row_number) as integer) as source_row_number
    from month_ends
    inner join warehouses on month_ends.warehouse = warehouses.warehouse
    where not warehouses.is_transit
    group by month_ends.item_id, warehouses.site_id, month_ends.snapshot_date

),

-- The rate of a month's close is the cost of the next.
from_ledger as (

    select
        item_id,
        site_id,
        cast({{ dbt.dateadd('day', 1, 'snapshot_date') }} as date) as valid_from_date,
        unit_cost,
        'stated' as cost_basis,
        source_file_sha256,
        source_row_number
    from closings
    where unit_cost > 0

),

current_rates as (

    select
        bins.item_code as item_id,
        warehouses.site_id,
        max(bins.valuation_rate) as valuation_rate
    from bins
    inner join warehouses on bins.warehouse = warehouses.warehouse
    group by bins.item_code, warehouses.site_id

),

bill_costs as (

    select
        item as item_id,
        {{ ratio('base_total_cost', 'quantity') }} as unit_cost,
        row_number() over (partition by item order by is_default desc, name desc) as place
    from bills

),

bought_costs as (

    select
        prices.item_id,
        prices.unit_price as unit_cost,
        row_number() over (partition by prices.item_id order by prices.valid_from_date desc, prices.name) as place
    from prices
    inner join home_company on prices.currency = home_company.currency_code

),

stated as (

    select item_id, site_id from from_ledger
    union
    select item_id, site_id from supplement

),

-- What never stood at the site: the rate of its bin, of the item, of its bill, of its supplier.
not_stocked as (

    select
        item_sites.item_id,
        item_sites.site_id,
        cast(items.creation as date) as valid_from_date,
        cast(
            coalesce(
                nullif(current_rates.valuation_rate, 0), nullif(items.valuation_rate, 0), bill_costs.unit_cost,
                bought_costs.unit_cost, 0
            ) as decimal(18, 6)
        ) as unit_cost,
        case
            when current_rates.valuation_rate > 0 or items.valuation_rate > 0 then 'stated'
            when bill_costs.unit_cost is not null then 'roll_up'
            when bought_costs.unit_cost is not null then 'purchase_price'
            else 'none'
        end as cost_basis,
        items.source_file_sha256,
        items.source_row_number
    from item_sites
    inner join items on item_sites.item_id = items.name
    left join stated
        on item_sites.item_id = stated.item_id
        and item_sites.site_id = stated.site_id
    left join current_rates
        on item_sites.item_id = current_rates.item_id
        and item_sites.site_id = current_rates.site_id
    left join bill_costs
        on item_sites.item_id = bill_costs.item_id
        and bill_costs.place = 1
    left join bought_costs
        on item_sites.item_id = bought_costs.item_id
        and bought_costs.place = 1
    where stated.item_id is null

),

item_codes as (

    select * from {{ ref('base_erpnext__item_codes') }}

),

in_site_currency as (

    select
        costs.item_id,
        costs.site_id,
        costs.valid_from_date,
        costs.unit_cost,
        costs.cost_basis,
        coalesce(sites.currency_code, home_company.currency_code) as currency_code,
        costs.source_file_sha256,
        costs.source_row_number
    from (
        select * from from_ledger
        union all
        select * from not_stocked
    ) as costs
    cross join home_company
    left join sites on costs.site_id = sites.site_id

),

newest_costs as (

    select
        item_id,
        site_id,
        unit_cost,
        row_number() over (partition by item_id, site_id order by valid_from_date desc) as place
    from in_site_currency

),

-- A bundle costs what the items in it cost at the site, where all of them have a cost.
bundle_costs as (

    select
        item_codes.item_id,
        newest_costs.site_id,
        sum({{ product('parts.qty', 'newest_costs.unit_cost', 'decimal(18,6)') }}) as unit_cost
    from {{ source('erpnext', 'product_bundle') }} as bundles
    inner join item_codes on bundles.new_item_code = item_codes.item_code
    inner join {{ source('erpnext', 'product_bundle_item') }} as parts on bundles.name = parts.parent
    inner join item_codes as parts_codes on parts.item_code = parts_codes.item_code
    left join newest_costs
        on parts_codes.item_id = newest_costs.item_id
        and newest_costs.place = 1
        and newest_costs.unit_cost > 0
    where item_codes.is_bundle
    group by item_codes.item_id, newest_costs.site_id, bundles.name
    having count(newest_costs.item_id) = (
        select count(*) from {{ source('erpnext', 'product_bundle_item') }} as every_part
        where every_part.parent = bundles.name
    )

),

-- What finance set goes before what the ledger says.
either as (

    select
        supplement.item_id,
        supplement.site_id,
        supplement.valid_from_date,
        supplement.unit_cost,
        'stated' as cost_basis,
        supplement.currency_code,
        true as is_set,
        supplement.source_file_sha256,
        supplement.source_row_number
    from supplement

    union all

    select
        in_site_currency.item_id,
        in_site_currency.site_id,
        in_site_currency.valid_from_date,
        cast(coalesce(bundle_costs.unit_cost, in_site_currency.unit_cost) as decimal(18, 6)) as unit_cost,
        case when bundle_costs.unit_cost is not null then 'roll_up' else in_site_currency.cost_basis end as cost_basis,
        in_site_currency.currency_code,
        false as is_set,
        in_site_currency.source_file_sha256,
        in_site_currency.source_row_number
    from in_site_currency
    left join supplement
        on in_site_currency.item_id = supplement.item_id
        and in_site_currency.site_id = supplement.site_id
        and in_site_currency.valid_from_date = supplement.valid_from_date
    left join bundle_costs
        on in_site_currency.item_id = bundle_costs.item_id
        and in_site_currency.site_id = bundle_costs.site_id
    where supplement.item_id is null

),

followed as (

    select
        either.*,
        lag(unit_cost) over (partition by item_id, site_id order by valid_from_date) as previous_unit_cost
    from either

),

-- A rate that stays is no new cost.
final as (

    select
        item_id,
        site_id,
        valid_from_date,
        unit_cost,
        cost_basis,
        currency_code,
        source_file_sha256,
        source_row_number
    from followed
    where is_set or previous_unit_cost is null or previous_unit_cost <> unit_cost

)

select * from final
