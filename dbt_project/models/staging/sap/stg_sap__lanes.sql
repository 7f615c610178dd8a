{{ as_delivered('sap', 'supplement_lanes') }}
