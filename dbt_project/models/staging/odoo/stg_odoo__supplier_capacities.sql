{{ as_delivered('odoo', 'supplement_supplier_capacities') }}
