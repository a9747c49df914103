"""Tests of the look view."""
