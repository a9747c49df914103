"""Data: what is in it, held against the model before the first step."""
