"""Helpers for several tests: kernels, pages, networks, data. This package contains no tests."""
