{{ as_delivered('odoo', 'supplement_storage_capacities') }}
