"""Files on the disk: the ledger, the assets folder, pictures."""
