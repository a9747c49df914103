"""The caller: the code around a magic, and its local variables."""

from __future__ import annotations

import sys
from types import CodeType, FrameType
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

CALLS: tuple[CodeType, ...] = (InteractiveShell.run_line_magic.__code__, InteractiveShell.run_cell_magic.__code__)
COMPREHENSIONS = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")


def namespace_of(shell: InteractiveShell) -> dict[str, Any]:
    """All variables visible to the code around the magic: local ones take precedence over the notebook's."""
    return {**shell.user_ns, **local_variables(shell)}


def local_variables(shell: InteractiveShell) -> dict[str, Any]:
    """The local variables of the code around the magic: of a function, or of a module; none in a cell.

    IPython's own `needs_local_scope` passes them only to line magics, and not to a cell magic that a function runs.
    """
    frame = _calling_frame()
    found: dict[str, Any] = {}
    while frame is not None:
        if frame.f_locals is not shell.user_ns:
            found = {**frame.f_locals, **found}
        if frame.f_code.co_name not in COMPREHENSIONS:
            break
        frame = frame.f_back
    own = frame.f_globals if frame is not None else shell.user_ns
    return found if own is shell.user_ns else {**own, **found}


def calling_function(shell: InteractiveShell) -> str:
    """The name of the function that contains a magic; empty in a cell."""
    frame = _calling_frame()
    return frame.f_code.co_name if frame is not None and frame.f_locals is not shell.user_ns else ""


def _calling_frame() -> FrameType | None:
    """The frame of the code that called a magic, or None outside a magic."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001  # Like IPython; `inspect.stack` would also read source files.
    while frame is not None and frame.f_code not in CALLS:
        frame = frame.f_back
    while frame is not None and str(frame.f_globals.get("__name__")).startswith("IPython."):
        frame = frame.f_back
    return frame
