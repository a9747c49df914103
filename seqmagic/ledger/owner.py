"""The owner of a run: the notebook, the kernel and the user that it belongs to. A folder's runs may be those of many."""

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
    """Whose a run is, as far as that is known; what is not known is empty.

    Attributes:
        notebook: its path, as the Jupyter server passes it to the kernel.
        kernel: its number of the server, which it keeps when it is restarted.
        user: who is logged in.
    """

    notebook: str = ""
    kernel: str = ""
    user: str = ""

    def owns(self, entry: RunEntry) -> bool:
        """Whether a run is one's own: nothing that is known of it says that it is another's.

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
        return not entry.has_living_kernel  # Nobody goes on in two kernels at once.


_known = Owner()


def name_owner(notebook: str, kernel: str) -> None:
    """Say which notebook and kernel this process is; either may be empty."""
    global _known  # noqa: PLW0603  # A process is one kernel.
    _known = Owner(notebook, kernel)


def owner_here() -> Owner:
    """Whom the runs of this process belong to."""
    # The server passes the notebook's path to a kernel's process, and so to what the process starts.
    return Owner(_known.notebook or os.environ.get("JPY_SESSION_NAME", ""), _known.kernel, _user())


def format_owner(entry: RunEntry) -> str:
    """Whose a run is, in a few words: the name of the notebook, and the user; empty where neither is known.

    >>> from seqmagic.ledger.entry import RunEntry
    >>> format_owner(RunEntry(name="digits", notebook="/class/week 3/ana.ipynb", user="ana"))
    'ana.ipynb, ana'
    """
    return ", ".join(filter(None, [PurePath(entry.notebook.replace("\\", "/")).name, entry.user]))


def _user() -> str:
    # In the containers of a JupyterHub everybody has the same name but to the hub.
    if hub := os.environ.get("JUPYTERHUB_USER"):
        return hub
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # Such as a container whose user has no name.
        return ""
