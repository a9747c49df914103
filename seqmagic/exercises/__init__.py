"""Exercises: what is asked of a network and its training, checked against the model."""
