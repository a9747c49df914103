"""Training: the run that trains in the background. This package does not use the user interface."""
