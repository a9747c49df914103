"""The environment: a live notebook, a headless one, Voila, Colab, or a terminal."""

from __future__ import annotations

import os
import sys
from pathlib import Path, PurePath

from IPython.core.interactiveshell import InteractiveShell


def has_kernel(shell: InteractiveShell) -> bool:
    """Whether the cells run in a Jupyter kernel; otherwise it is IPython in a terminal."""
    return getattr(shell, "kernel", None) is not None


def is_live(shell: InteractiveShell) -> bool:
    """Whether a user has the notebook open: then training runs in the background, and the cell ends at once.

    nbconvert, nbclient, papermill and autograders don't allow stdin, and shut the kernel down after the last cell. Voila shows the page
    after the last cell, and Colab doesn't show output from threads. In all of these a `%fit` must finish before its cell ends.
    """
    if not has_kernel(shell) or shows_after_the_cell():
        return False
    parent = shell.kernel.get_parent("shell")
    return bool(parent.get("content", {}).get("allow_stdin", True))


def has_page(shell: InteractiveShell) -> bool:
    """Whether widgets are visible: in a live notebook, in Voila and in Colab."""
    return is_live(shell) or shows_after_the_cell()


def shows_after_the_cell() -> bool:
    """Whether the page shows a training's output only after its cell has ended: in Voila and Colab."""
    return "VOILA_KERNEL_ID" in os.environ or "google.colab" in sys.modules


def kernel_name(shell: InteractiveShell) -> str:
    """The kernel's id, which stays the same when it is restarted, from the name of its connection file; empty in a terminal."""
    file = getattr(getattr(getattr(shell, "kernel", None), "parent", None), "connection_file", "")
    return PurePath(str(file)).stem


def notebook_path(shell: InteractiveShell) -> str:
    """The path of the notebook, as passed by Jupyter Server or Visual Studio Code; otherwise empty."""
    return str(shell.user_ns.get("__vsc_ipynb_file__") or os.environ.get("JPY_SESSION_NAME", ""))


def notebook_folder(shell: InteractiveShell) -> Path:
    """The folder of the notebook; if its path is unknown, the kernel's working directory."""
    path = Path(notebook_path(shell))
    return path.parent if path.is_absolute() and path.parent.is_dir() else Path.cwd()
