"""Describing an existing model: as text, as Python code, or as a table."""
