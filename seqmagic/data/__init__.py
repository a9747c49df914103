"""Data: what it contains, and whether it fits the model, checked before the first step."""
