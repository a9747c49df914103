"""Exercises: what is asked of a network and its training, held against what is there."""
