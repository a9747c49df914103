"""Keeping a silent kernel alive: a server may cull a kernel that sends no messages for long, for example while a run is paused."""

from __future__ import annotations

import contextvars
import threading
import time

from IPython.core.interactiveshell import InteractiveShell

from seqmagic.magics.environment import has_kernel
from seqmagic.sweeps.registry import active_sweeps
from seqmagic.training.registry import active_runs

SECONDS = 60.0


def keep_alive(shell: InteractiveShell) -> None:
    """Send one message per minute during a run. It updates an output that doesn't exist, so it is not visible."""
    if has_kernel(shell):
        work = contextvars.copy_context().run
        threading.Thread(target=work, args=(_beat, shell, shell.seqmagic_waiter), name="seqmagic-keepalive", daemon=True).start()


def _beat(shell: InteractiveShell, waiter: object) -> None:
    while getattr(shell, "seqmagic_waiter", None) is waiter:  # Until the extension is unloaded or reloaded.
        time.sleep(SECONDS)
        if active_runs() or active_sweeps():
            shell.display_pub.publish({"text/plain": ""}, update=True, transient={"display_id": "seqmagic-keepalive"})
