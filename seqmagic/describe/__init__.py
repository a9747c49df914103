"""Describing a model that is there already: as text, as Python code, as a table."""
