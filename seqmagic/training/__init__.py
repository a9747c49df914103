"""Training: the run that trains in the background. Nothing here knows a screen."""
