"""Analysis: what a trained or untrained model does with data, in numbers and sentences. This package does not use the user interface."""
