"""The options of compile and fit lines, and the values that each option accepts."""
