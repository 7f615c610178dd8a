{{ as_delivered('sap', 'supplement_supplier_capacities') }}
