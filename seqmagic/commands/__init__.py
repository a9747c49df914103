"""Commands of a terminal: whether seqmagic works here, and whether a lab does."""
