"""Runs notebooks anew, and keeps their results in them.

    python -m tests.notebooks.rerun notebooks/zh/1-first-network.ipynb ...

Each runs in an empty folder, so that nothing of an earlier run is in its list of runs, and in a kernel as a student has it: with Keras's own default
settings, and without a page, so that what is kept can be read anywhere. Says what each took.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient.exceptions import CellExecutionError

from tests.notebooks.usage import run


def rerun(path: Path) -> str:
    """Run a notebook and write it with its results; gives what it took."""
    notebook = nbformat.read(path, 4)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    with tempfile.TemporaryDirectory() as folder:
        usage = run(notebook, Path(folder))
    notebook.metadata.pop("widgets", None)
    nbformat.write(notebook, path)
    return f"{usage.peak_bytes / 1e6:.0f} MB, {max(usage.cell_seconds):.1f} s of the processor in the longest cell, {sum(usage.cell_seconds):.0f} in all"


def main(names: list[str]) -> int:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    failed = False
    for name in names:
        try:
            said = rerun(Path(name))
        except CellExecutionError as error:
            said, failed = f"stays as it was: {error}", True
        sys.stdout.write(f"{name}: {said}\n")
        sys.stdout.flush()
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
