"""Recipes: a whole text at once, from the network to its compile and fit lines."""
