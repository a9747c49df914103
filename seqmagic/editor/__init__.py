"""The editor: what may be typed at a place, what a word there is, and what would be refused. It knows no shell and runs nobody's code."""
