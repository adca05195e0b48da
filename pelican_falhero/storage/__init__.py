"""What is kept on the disk: the ledger, the assets folder, pictures."""
