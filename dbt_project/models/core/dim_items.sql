with items as (
    select * from {{ ref('items') }}
)

{{ select_contract('items') }}
