"""Machines: run training in processes outside the kernel, on this computer or on others, through dask.distributed."""

from seqmagic.machines.local import start_local as start_local  # Nothing else is imported here, because workers import this first.
