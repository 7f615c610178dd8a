{{ as_delivered('sap', 'supplement_downtimes') }}
