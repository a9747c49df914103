"""A real kernel that runs cells, as for a notebook."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from typing import Any

import zmq
from jupyter_client.manager import start_new_kernel

from tests.support.forked_kernel import start_forked_kernel

NUDGE_EVERY = 2.0  # Seconds.
# Resets a kernel to the state of a new one, but with slow imports done.
RESET = """
import os, tempfile, ipywidgets
from seqmagic.training.registry import active_runs
for run in active_runs(): run.stop().wait_quietly()
ipywidgets.Widget.close_all()
get_ipython().run_line_magic("unload_ext", "seqmagic")
get_ipython().config.pop("SeqMagics", None)  # Settings made by %config hold for each later %load_ext.
os.chdir(tempfile.mkdtemp(dir={folder!r}))
get_ipython().reset(new_session=True)
"""


@dataclass
class Outcome:
    """The result of a cell: its status, everything it displayed, and what it printed."""

    status: str = ""
    seconds: float = 0.0
    printed: str = ""
    displayed: list[dict[str, Any]] = field(default_factory=list)
    result: str = ""
    error: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All plain text, printed and displayed."""
        return self.printed + "\n".join(str(data.get("text/plain", "")) for data in self.displayed)


class Kernel:
    """Runs cells. `live` cells may ask for input, like those of a user at a page; others are headless.

    folder: the working directory.
    nudged: whether to send extra requests: ipykernel 7.0 to 7.3 may leave a request unread until another client connects
    (github.com/ipython/ipykernel/pull/1529), even while a training sends its own messages.
    """

    def __init__(self, manager: Any, client: Any, folder: Path, *, nudged: bool = False) -> None:
        self.manager, self.client, self.folder = manager, client, folder
        self.nudged = nudged
        self.last_nudge = time.monotonic()

    def send(self, code: str, *, live: bool = True) -> str:
        """Send a cell and return at once.

        A cell that fails ends no other: ipykernel 6 would also drop one that is sent only then.
        """
        return str(self.client.execute(code, allow_stdin=live, store_history=True, stop_on_error=False))

    def run(self, code: str, *, live: bool = True, timeout: float = 120) -> Outcome:
        """Run a cell to its end."""
        return self.finish(self.send(code, live=live), timeout)

    def finish(self, message_id: str, timeout: float = 120) -> Outcome:
        """Collect the messages of a cell until it is done. Raises queue.Empty if it isn't done after `timeout` seconds."""
        outcome, began = Outcome(), time.monotonic()
        while True:
            message = self._next_message(began + timeout)
            if message["parent_header"].get("msg_id") != message_id:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "stream":
                outcome.printed += content["text"]
            elif kind in ("display_data", "execute_result", "update_display_data"):
                outcome.displayed.append(content["data"])
                if kind == "execute_result":
                    outcome.result = content["data"].get("text/plain", "")
            elif kind == "error":
                outcome.error = [content["ename"], content["evalue"], "\n".join(content["traceback"])]
            elif kind == "status" and content["execution_state"] == "idle":
                break
        outcome.seconds = time.monotonic() - began
        outcome.status = "error" if outcome.error else "ok"
        return outcome

    def _next_message(self, end: float) -> dict[str, Any]:
        while (left := end - time.monotonic()) > 0:
            if self.nudged and time.monotonic() - self.last_nudge > NUDGE_EVERY:
                self._nudge()
            with contextlib.suppress(Empty):
                return dict(self.client.get_iopub_msg(timeout=min(NUDGE_EVERY, left)))
        raise Empty

    def _nudge(self) -> None:
        with zmq.Context.instance().socket(zmq.DEALER) as visitor:
            visitor.connect(f"tcp://{self.manager.ip}:{self.manager.shell_port}")
            time.sleep(0.05)
        self.last_nudge = time.monotonic()

    def wait_for_message(self, kind: str, timeout: float = 120) -> dict[str, Any]:
        """The content of the next message of a type, from any sender."""
        end = time.monotonic() + timeout
        while True:
            message = self._next_message(end)
            if message["msg_type"] == kind:
                return dict(message["content"])

    def wait_for_text(self, text: str, timeout: float = 120) -> None:
        """Wait until a cell shows a text, printed or displayed."""
        end = time.monotonic() + timeout
        while True:
            content = self._next_message(end)["content"]
            if text in content.get("text", "") + str(content.get("data", {}).get("text/plain", "")):
                return

    def reset(self) -> None:
        """Reset: delete variables, stop runs, change to an empty folder, and reload the extension."""
        try:
            ready = self.run(RESET.format(folder=str(self.folder))).status == "ok"
        except Empty:
            ready = False
        if not ready:
            self.manager.restart_kernel(now=True)
            self.client.wait_for_ready()
        assert self.run("%load_ext seqmagic").status == "ok"

    def value(self, expression: str) -> str:
        """The value of an expression in the kernel, as text."""
        outcome = self.run(expression)
        # With ipykernel 6, what a training displays in the meantime arrives as the output of this cell.
        return outcome.result or outcome.text.strip()

    def wait_until(self, condition: str, timeout: float = 120) -> None:
        """Wait until an expression is True in the kernel."""
        end = time.monotonic() + timeout
        while self.value(condition) != "True":
            assert time.monotonic() < end, condition
            time.sleep(0.02)

    def press(self, view: str, what: str) -> None:
        """Press a control of a panel as a page does: by a message to its view's comm."""
        data = {"method": "custom", "content": {"kind": "press", "what": what, "value": None}}
        self.client.shell_channel.send(self.client.session.msg("comm_msg", {"comm_id": view, "data": data}))


@contextmanager
def running_kernel(folder: Path | None = None, packages: Path | None = None, *, loads_keras: bool = False) -> Iterator[Kernel]:
    """A new kernel with the extension loaded.

    folder: its working directory, in which its runs may be stored.
    packages: a folder of packages that take precedence over installed ones.
    loads_keras: whether it imports Keras, as a user's kernel does; otherwise Keras is already imported, if the system can fork.
    """
    with tempfile.TemporaryDirectory() as own:
        path = os.pathsep.join(filter(None, [str(packages or ""), os.environ.get("PYTHONPATH")]))
        environment = {**os.environ, **({"PYTHONPATH": path} if path else {})}
        place = folder or Path(own)
        if not loads_keras and hasattr(os, "pidfd_open"):
            manager, client = start_forked_kernel(place, environment)
        else:
            manager, client = start_new_kernel(kernel_name="python3", cwd=str(place), env=environment)
        try:
            kernel = Kernel(manager, client, place, nudged=packages is not None)
            assert kernel.run("%load_ext seqmagic").status == "ok"
            yield kernel
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
