"""The ledger: what is ours at the vendors, kept in a folder or a bucket by one writer at a time."""
