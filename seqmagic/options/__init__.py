"""The options: what compile and fit lines say, and which values each option can have."""
