"""Sweeps: a family of networks is tried, one network after the other, each as a run; several runs of one network count as one."""
