{{ from_system('purchase_receipts') }}
