"""The owner of a run: its notebook, kernel and user. A folder may contain the runs of many."""

from __future__ import annotations

import getpass
import os
import socket
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from seqmagic.ledger.entry import process_start

if TYPE_CHECKING:
    from seqmagic.ledger.entry import RunEntry


@dataclass(frozen=True)
class Owner:
    """The owner of a run, as far as it is known; unknown parts are empty.

    Attributes:
        notebook: its path, which the Jupyter server passes to the kernel.
        kernel: its id on the server, which stays the same when the kernel is restarted.
        user: who is logged in.
    """

    notebook: str = ""
    kernel: str = ""
    user: str = ""

    def owns(self, entry: RunEntry) -> bool:
        """Whether a run belongs to this owner: nothing known about it says otherwise.

        >>> from seqmagic.ledger.entry import RunEntry
        >>> theirs = RunEntry(name="digits", notebook="/class/ana.ipynb", process=0)
        >>> Owner("/class/ben.ipynb").owns(theirs), Owner("/class/ana.ipynb").owns(theirs)
        (False, True)
        """
        if (entry.host, entry.process, entry.process_started) == (socket.gethostname(), os.getpid(), process_start()):
            return True
        if self.user and entry.user and self.user != entry.user:
            return False
        if self.kernel and self.kernel == entry.kernel:
            return True
        if self.notebook and entry.notebook:
            return self.notebook == entry.notebook
        return not entry.has_living_kernel  # Nobody continues a run while its own kernel is alive.


_known = Owner()


def name_owner(notebook: str, kernel: str) -> None:
    """Set the notebook and the kernel of this process; either may be empty."""
    global _known  # noqa: PLW0603  # A process is one kernel.
    _known = Owner(notebook, kernel)


def owner_here() -> Owner:
    """The owner of this process's runs."""
    # The server passes the notebook's path to the kernel in an environment variable, which child processes inherit.
    return Owner(_known.notebook or os.environ.get("JPY_SESSION_NAME", ""), _known.kernel, _user())


def format_owner(entry: RunEntry) -> str:
    """The owner of a run as short text: the name of the notebook, and the user; empty if neither is known.

    >>> from seqmagic.ledger.entry import RunEntry
    >>> format_owner(RunEntry(name="digits", notebook="/class/week 3/ana.ipynb", user="ana"))
    'ana.ipynb, ana'
    """
    return ", ".join(filter(None, [PurePath(entry.notebook.replace("\\", "/")).name, entry.user]))


def _user() -> str:
    # In JupyterHub's containers everyone has the same user name; only the hub's own differs.
    if hub := os.environ.get("JUPYTERHUB_USER"):
        return hub
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # For example, in a container whose user id has no name.
        return ""
