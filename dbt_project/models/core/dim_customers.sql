with customers as (
    select * from {{ ref('customers') }}
)

{{ select_contract('customers') }}
