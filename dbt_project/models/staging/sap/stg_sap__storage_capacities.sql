{{ as_delivered('sap', 'supplement_storage_capacities') }}
