"""The forms: the values and the validation of the compile panel. This package does not use any widgets."""
