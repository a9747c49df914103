"""Checking: shapes and problems of the cell that is being typed, sent over a comm by a background thread.

The messages are described in docs/editor.md.
"""

from __future__ import annotations

import contextlib
import contextvars
import queue
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from seqmagic.editor.editor import Editor
from seqmagic.magics.environment import has_kernel
from seqmagic.magics.namespace import variables_of

TARGET = "seqmagic.lines"
LOOK_AGAIN = 0.2  # Seconds between attempts while Keras is being imported.
NOTHING: dict[str, Any] = {"lines": [], "problems": []}


@dataclass(eq=False)
class CheckRequest:
    """A request for a cell that is being typed.

    Attributes:
        comm: for the answer.
        names: the notebook's variables at the time of the request.
        beside: runs work with Keras's state at the time of the request; None if Keras is not loaded.
        context: of the message, in which ipykernel sends.
        waits: whether it waits for Keras, and a preliminary answer has been sent.
    """

    comm: Any
    id: Any
    text: str
    names: Mapping[str, Any]
    beside: Callable[..., Any] | None = None
    context: contextvars.Context = field(default_factory=contextvars.copy_context)
    waits: bool = False

    def answer(self, found: Mapping[str, Any], *, is_final: bool) -> None:
        """Send an answer."""
        self.context.run(self.comm.send, {"type": "check", "id": self.id, "final": is_final, **found})


class LineChecks:
    """The comms of front ends that show shapes and problems while the user types.

    Attributes:
        is_on: whether the comm target is registered.
    """

    def __init__(self, shell: InteractiveShell, editor: Editor) -> None:
        self.shell, self.editor = shell, editor
        self.is_on = False
        self._comms: dict[str, Any] = {}
        # By comm: a notebook that is open in two pages has two comms, whose requests are independent.
        self._newest: dict[str, CheckRequest] = {}
        self._memory: Any = None  # A separate cache, because completion requests are for other texts, up to the cursor.
        self._requests: queue.SimpleQueue[CheckRequest | None] | None = None  # None stops the thread that answers them.

    def turn_on(self) -> None:
        """Register the comm target."""
        if has_kernel(self.shell) and not self.is_on:
            self.is_on = True
            self.shell.kernel.comm_manager.register_target(TARGET, self._open)

    def turn_off(self) -> None:
        """Close all comms; Jupyter then refuses new ones."""
        if not self.is_on:
            return
        self.is_on = False
        with contextlib.suppress(KeyError):
            self.shell.kernel.comm_manager.unregister_target(TARGET, self._open)
        for comm in [*self._comms.values()]:
            comm.close()
        self._comms.clear()
        self._newest.clear()
        if self._requests is not None:
            self._requests.put(None)
            self._requests = None

    def _open(self, comm: Any, message: Any) -> None:
        self._comms[comm.comm_id] = comm
        comm.on_msg(lambda asked: self._take(comm, asked["content"]["data"]))
        comm.on_close(lambda closed: self._forget(comm.comm_id))
        self._tell_words(comm)
        if self._requests is None:
            self._requests = queue.SimpleQueue()
            work = contextvars.copy_context().run
            threading.Thread(target=work, args=(self._serve, self._requests), name="seqmagic-check", daemon=True).start()

    def _forget(self, comm_id: str) -> None:
        self._comms.pop(comm_id, None)
        self._newest.pop(comm_id, None)

    def tell_words(self) -> None:
        """Tell every front end the words and texts anew, such as in another language."""
        for comm in [*self._comms.values()]:
            self._tell_words(comm)

    def _tell_words(self, comm: Any) -> None:
        from seqmagic.editor.page_texts import page_texts
        from seqmagic.editor.vocabulary import message as words

        comm.send({**words(self.editor.vocabulary), "texts": page_texts()})

    def _take(self, comm: Any, data: Mapping[str, Any]) -> None:
        """Queue a request; it is answered by the thread."""
        if data.get("type") == "check" and isinstance(data.get("text"), str):
            beside = None
            if self.editor.is_ready():
                from seqmagic.network.own_thread import work_beside

                beside = work_beside(lambda work: work())
            request = CheckRequest(comm, data.get("id"), data["text"], variables_of(self.shell), beside)
            if self._requests is not None:
                self._newest[comm.comm_id] = request
                self._requests.put(request)

    def _serve(self, requests: queue.SimpleQueue[CheckRequest | None]) -> None:
        """Answer the newest request of each comm, in a loop."""
        while (request := requests.get()) is not None:
            try:
                if not self._is_stale(request) and not self._answer(request):
                    requests.put(request)
            except InterruptedError:
                continue  # The user has typed on.
            except Exception:  # noqa: BLE001  # An error here must affect neither the kernel nor the next answer.
                sys.excepthook(*sys.exc_info())

    def _is_stale(self, request: CheckRequest) -> bool:
        return self._newest.get(request.comm.comm_id) is not request or not self.is_on

    def _answer(self, request: CheckRequest) -> bool:
        """Answer at once without fixes, and then with fixes; returns False while waiting for Keras."""
        from seqmagic.editor.answers import language_problems

        if not self.editor.is_ready():
            if request.waits:
                time.sleep(LOOK_AGAIN)
            else:
                request.answer({"lines": [], "problems": language_problems(request.text)}, is_final=False)
                request.waits = True
            return False
        checkers: dict[Any, Any] = {}
        for with_fixes in (False, True):
            found = self._check(request, checkers, with_fixes=with_fixes)
            is_final = with_fixes or not found["problems"]
            if self._is_stale(request):
                break
            request.answer(found, is_final=is_final)
            if is_final:
                break
        return True

    def _check(self, request: CheckRequest, checkers: dict[Any, Any], *, with_fixes: bool) -> dict[str, Any]:
        """The answer to a request.

        Args:
            checkers: of the cell's networks, which know what they have seen; new ones are added.
        """
        from seqmagic.editor.answers import check_cell, line_problems
        from seqmagic.editor.cell import Network
        from seqmagic.editor.check import Checker
        from seqmagic.editor.flow import Memory
        from seqmagic.editor.option_problems import option_problems
        from seqmagic.network.own_thread import work_beside

        if self._memory is None:
            self._memory = Memory()

        def checker_of(network: Network) -> Checker:
            if network not in checkers:
                onto = request.names.get(network.name) if network.adds else None
                checkers[network] = Checker(request.names, self._memory, onto, lambda: self._is_stale(request))
            checker: Checker = checkers[network]
            return checker

        def work() -> dict[str, Any]:
            found = check_cell(request.text, checker_of, with_fixes=with_fixes)
            of_lines = (*line_problems(request.text, request.names), *option_problems(request.text))
            return {**found, "problems": [*found["problems"], *of_lines]}

        return dict(request.beside(work) if request.beside is not None else work_beside(work)())
