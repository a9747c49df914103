"""The classroom: what a teacher's class file sets for all who open its notebooks, and how training is held to it."""
