{{ from_system('fx_rates') }}
