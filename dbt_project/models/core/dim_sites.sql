with sites as (
    select * from {{ ref('sites') }}
)

{{ select_contract('sites') }}
