"""Keras's internals: uses of Keras's private API, only in this package. Each one states its risk, and has a test."""
