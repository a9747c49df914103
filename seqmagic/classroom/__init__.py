"""The classroom: what a teacher's class file sets for all notebooks of a class, and how it limits their training."""
