"""Machines: runs train in processes outside the kernel, on this computer or on others, through dask.distributed."""

from seqmagic.machines.local import start_local as start_local  # Of the rest nothing: workers import this before anything else.
