"""Training: compile and fit options, the run that trains in the background, and its history. Nothing here knows a screen."""
