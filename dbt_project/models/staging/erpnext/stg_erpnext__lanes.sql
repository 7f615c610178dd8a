{{ as_delivered('erpnext', 'supplement_lanes') }}
