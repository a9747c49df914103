"""Analysis: what a trained or untrained model does with data, in numbers and sentences. Nothing here knows a screen."""
