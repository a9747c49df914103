"""A kernel that notebook after notebook gets from a Jupyter server, each time as good as new, with Keras already loaded."""

from __future__ import annotations

import json
import tempfile
import urllib.request
from pathlib import Path
from typing import Any

from tests.support.kernel import RESET
from tests.support.notebook_page import TOKEN, NotebookPage

# A cell of no notebook; "late" when the kernel doesn't answer.
RUN = """code => {
  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel;
  const late = new Promise((done) => setTimeout(() => done("late"), 60000));
  const run = () => kernel.requestExecute({ code, silent: true, store_history: false }).done.then((reply) => reply.content.status);
  return kernel ? Promise.race([run(), late]) : "gone";
}"""


class ServerKernel:
    """The kernel of one session on a server; the session goes from notebook to notebook."""

    def __init__(self, address: str, folder: Path) -> None:
        self.address, self.folder = address, folder
        self.session = ""

    def give_to(self, path: str) -> None:
        """Let a notebook that is opened next find this kernel; it is started where there is none."""
        notebook = {"path": path, "name": path, "type": "notebook"}
        if self.session in [session["id"] for session in self._ask("GET", "sessions")]:
            self._ask("PATCH", f"sessions/{self.session}", notebook)
        else:
            self.session = self._ask("POST", "sessions", {**notebook, "kernel": {"name": "python3"}})["id"]

    def take_back(self, page: NotebookPage) -> None:
        """Make the kernel as good as new, or end it where that can't be."""
        folder = tempfile.mkdtemp(dir=self.folder)
        if page.page.evaluate(RUN, RESET.format(folder=folder)) != "ok":
            self.end()

    def end(self) -> None:
        """End the kernel; the next notebook gets another one."""
        if self.session in [session["id"] for session in self._ask("GET", "sessions")]:
            self._ask("DELETE", f"sessions/{self.session}")

    def _ask(self, method: str, path: str, data: dict[str, Any] | None = None) -> Any:
        content = None if data is None else json.dumps(data).encode()
        request = urllib.request.Request(f"{self.address}/api/{path}?token={TOKEN}", content, method=method)  # noqa: S310  # Our own server.
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return json.loads(answer.read() or "null")
