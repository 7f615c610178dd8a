with suppliers as (
    select * from {{ ref('suppliers') }}
)

{{ select_contract('suppliers') }}
