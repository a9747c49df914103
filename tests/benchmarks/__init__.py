"""Benchmarks: how fast it is, beside what it is measured against. Each is a script; pytest leaves them alone."""
