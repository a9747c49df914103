"""Where the code runs: a live notebook, a headless one, a page made by Voila, Colab, or a terminal."""

from __future__ import annotations

import os
import sys
from pathlib import Path, PurePath

from IPython.core.interactiveshell import InteractiveShell


def has_kernel(shell: InteractiveShell) -> bool:
    """Whether a Jupyter kernel runs the cells; otherwise it is IPython in a terminal."""
    return getattr(shell, "kernel", None) is not None


def is_live(shell: InteractiveShell) -> bool:
    """Whether the notebook is open in front of somebody: there a training goes on in the background, and the cell ends at once.

    nbconvert, nbclient, papermill and graders send no stdin; they close the kernel after the last cell. Voila shows the page after the
    last cell, and Colab doesn't show what a thread sends. In all of these a `%fit` must end before its cell does.
    """
    if not has_kernel(shell) or shows_after_the_cell():
        return False
    parent = shell.kernel.get_parent("shell")
    return bool(parent.get("content", {}).get("allow_stdin", True))


def has_page(shell: InteractiveShell) -> bool:
    """Whether a widget can be seen: in a live notebook, in Voila and in Colab."""
    return is_live(shell) or shows_after_the_cell()


def shows_after_the_cell() -> bool:
    """Whether a page shows what a training did only when its cell has ended: Voila and Colab."""
    return "VOILA_KERNEL_ID" in os.environ or "google.colab" in sys.modules


def kernel_name(shell: InteractiveShell) -> str:
    """The kernel's own name, which it keeps when it is restarted: that of its connection file; empty in a terminal."""
    file = getattr(getattr(getattr(shell, "kernel", None), "parent", None), "connection_file", "")
    return PurePath(str(file)).stem


def notebook_path(shell: InteractiveShell) -> str:
    """The path of the notebook, where an editor passes it on: Jupyter's server and Visual Studio Code do."""
    return str(shell.user_ns.get("__vsc_ipynb_file__") or os.environ.get("JPY_SESSION_NAME", ""))


def notebook_folder(shell: InteractiveShell) -> Path:
    """The folder of the notebook; where no editor names it, the one that the kernel works in."""
    path = Path(notebook_path(shell))
    return path.parent if path.is_absolute() and path.parent.is_dir() else Path.cwd()
