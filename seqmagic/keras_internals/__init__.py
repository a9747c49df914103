"""Keras's internals: what Keras promises to nobody, reached in this room only. Each reach has its risk in a line, and a test."""
