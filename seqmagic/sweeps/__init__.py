"""Sweeps: train the networks of a family one after the other, each as a run; several runs of one network count as one trial."""
