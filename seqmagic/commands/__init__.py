"""Terminal commands: check that seqmagic works on this computer, and that a lab does."""
