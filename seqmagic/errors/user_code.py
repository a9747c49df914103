"""The user's code: the line of the user's own code that raised an exception."""

from __future__ import annotations

import linecache
import sysconfig
import traceback
from pathlib import Path

from seqmagic.errors import Span
from seqmagic.translation import gettext

# Folders of code that is not the user's: Python, installed packages, and seqmagic.
INSTALLED = (
    *(str(Path(sysconfig.get_path(name)).resolve()) for name in ("stdlib", "platstdlib")),
    str(Path(__file__).resolve().parents[1]),
)
PACKAGES = ("site-packages", "dist-packages")


def find_own_frame(error: BaseException) -> traceback.FrameSummary | None:
    """The innermost frame of an exception that is in a cell or file of the user's."""
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame for frame in reversed(frames) if _is_own(frame.filename)), None)


def _is_own(file: str) -> bool:
    if file.startswith("<"):
        return file.startswith("<ipython-input")  # A cell in a terminal.
    path = Path(file).resolve()
    return "__autograph" not in file and not str(path).startswith(INSTALLED) and not set(PACKAGES) & set(path.parts)


def blame(error: BaseException) -> tuple[str, Span | None]:
    """An exception of the user's own code as a sentence, and the span of its line, if there is one.

    The line number refers to the cell or file of the code.
    """
    frame = find_own_frame(error)
    words = words_of(error)
    what = gettext("{sentence}.", sentence=f"{type(error).__name__}: {words.rstrip('.')}" if words else type(error).__name__)
    if frame is None or frame.lineno is None:
        return gettext("It raises {what}", what=what), None
    source = linecache.getline(frame.filename, frame.lineno).rstrip("\n")
    indent = len(source) - len(source.lstrip())
    start = (frame.colno or indent) + 1
    end = (frame.end_colno or len(source)) + 1 if frame.end_lineno == frame.lineno else len(source) + 1
    return gettext("Your {name!r} raises {what}", name=frame.name, what=what), Span(frame.lineno, start, end, source)


def words_of(error: BaseException) -> str:
    """The first line of an exception's message; "" if it has none, or if str() fails."""
    try:
        return str(error).strip().split("\n")[0][:200]
    except Exception:  # noqa: BLE001  # A custom exception class may raise anything here.
        return ""
