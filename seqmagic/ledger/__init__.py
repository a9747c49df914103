"""The ledger: what is kept of each run, in one file."""
