{#- The only model that reads the run's parameters from the environment. -#}
with parameters as (
    select
        '{{ env_var('SOP_CYCLE_ID') }}' as cycle_id,
        cast('{{ env_var('SOP_CYCLE_ID') }}-01' as date) as cycle_start_date,
        {{ env_var('SOP_HORIZON_MONTHS') }} as horizon_months,
        {{ env_var('SOP_FROZEN_MONTHS') }} as frozen_months,
        '{{ env_var('SOP_CURRENCY') }}' as company_currency_code,
        '{{ env_var('SOP_RETURNS_POLICY') }}' as returns_policy,
        '{{ env_var('SOP_CANCELLATIONS_POLICY') }}' as cancellations_policy
)

{{ select_contract('parameters') }}
