"""Sweeps: families of networks, tried."""
