"""The ledger: the record of all runs, in one file."""
