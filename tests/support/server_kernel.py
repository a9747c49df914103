"""A kernel with Keras already imported that serves one notebook after the other on a Jupyter server, and is reset in between."""

from __future__ import annotations

import json
import tempfile
import urllib.request
from pathlib import Path
from typing import Any

from tests.support.kernel import RESET
from tests.support.notebook_page import TOKEN, NotebookPage

# A cell outside any notebook; "late" if the kernel doesn't answer.
RUN = """code => {
  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel;
  const late = new Promise((done) => setTimeout(() => done("late"), 60000));
  const run = () => kernel.requestExecute({ code, silent: true, store_history: false }).done.then((reply) => reply.content.status);
  return kernel ? Promise.race([run(), late]) : "gone";
}"""


class ServerKernel:
    """The kernel of one session on a server; the session is passed from notebook to notebook."""

    def __init__(self, address: str, folder: Path) -> None:
        self.address, self.folder = address, folder
        self.session = ""

    def give_to(self, path: str) -> None:
        """Connect this kernel to the notebook that is opened next; it is started if there is none."""
        notebook = {"path": path, "name": path, "type": "notebook"}
        if self.session in [session["id"] for session in self._ask("GET", "sessions")]:
            self._ask("PATCH", f"sessions/{self.session}", notebook)
        else:
            self.session = self._ask("POST", "sessions", {**notebook, "kernel": {"name": "python3"}})["id"]

    def take_back(self, page: NotebookPage) -> None:
        """Reset the kernel, or shut it down if that fails."""
        folder = tempfile.mkdtemp(dir=self.folder)
        if page.page.evaluate(RUN, RESET.format(folder=folder)) != "ok":
            self.end()

    def end(self) -> None:
        """Shut the kernel down; the next notebook gets another one."""
        if self.session in [session["id"] for session in self._ask("GET", "sessions")]:
            self._ask("DELETE", f"sessions/{self.session}")

    def _ask(self, method: str, path: str, data: dict[str, Any] | None = None) -> Any:
        content = None if data is None else json.dumps(data).encode()
        # The test's own server.
        request = urllib.request.Request(f"{self.address}/api/{path}?token={TOKEN}", content, method=method)  # noqa: S310
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return json.loads(answer.read() or "null")
