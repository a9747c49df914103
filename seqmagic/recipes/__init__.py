"""Recipes: whole texts, from the network to its compile and fit lines."""
