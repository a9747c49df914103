"""Completion and inspection (Tab and Shift-Tab) in seqmagic's cells and lines, in Jupyter and in a terminal; removed on unloading."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from IPython.core.completer import CompletionContext, IPCompleter, SimpleCompletion, provisionalcompleter, rectify_completions
from IPython.core.interactiveshell import InteractiveShell

from seqmagic.editor.editor import Editor
from seqmagic.editor.offers import Offer
from seqmagic.magics.environment import has_kernel
from seqmagic.magics.kernel.preload import Preload
from seqmagic.magics.namespace import variables_of

FIRST = 1_000  # Before IPython's own matchers, which are then not called.


class NothingMore(tuple[SimpleCompletion, ...]):
    """No completions, and no fallback: IPython calls its own matchers if ours returns an object of length 0."""

    __slots__ = ()

    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Iterator[SimpleCompletion]:
        return iter(())


class CellEditor:
    """The editor's hooks in a shell.

    Attributes:
        editor: that answers.
    """

    def __init__(self, shell: InteractiveShell, preload: Preload, families: Iterable[str] = ()) -> None:
        self.shell = shell
        self.editor = Editor(lambda: preload.is_done, families)
        self._matcher = _as_matcher(self.complete)
        self._inspect: Callable[..., dict[str, Any]] | None = None

    def hook(self) -> None:
        """Install the hooks."""
        if isinstance(self.shell.Completer, IPCompleter):
            self.shell.Completer.custom_matchers.append(self._matcher)
        if has_kernel(self.shell):
            self._inspect = self.shell.kernel.do_inspect
            self.shell.kernel.do_inspect = self.inspect

    def unhook(self) -> None:
        """Remove the hooks."""
        matchers = getattr(self.shell.Completer, "custom_matchers", [])
        if self._matcher in matchers:
            matchers.remove(self._matcher)
        if self._inspect is not None and self.shell.kernel.__dict__.get("do_inspect") == self.inspect:
            del self.shell.kernel.do_inspect
        self._inspect = None

    def complete(self, context: CompletionContext) -> dict[str, Any]:
        """The completions at a position, in the form that IPython's completer takes."""
        lines = context.full_text.split("\n")
        before = "\n".join([*lines[: context.cursor_line], context.text_until_cursor])
        found = self.editor.complete(context.full_text, len(before), variables_of(self.shell))
        if found is None:
            return {"completions": [], "suppress": False}
        if found.python is not None:
            return self._complete_python(found.python)
        words = [SimpleCompletion(text=offer.text, type=self._type(offer)) for offer in found.offers]
        return {"completions": words or NothingMore(), "suppress": True, "matched_fragment": found.fragment, "ordered": True}

    def _type(self, offer: Offer) -> str:
        """The description next to a completion."""
        return offer.detail

    def _complete_python(self, code: str) -> dict[str, Any]:
        """IPython's completions for the Python in curly brackets."""
        with provisionalcompleter():
            found = list(rectify_completions(code, self.shell.Completer.completions(code, len(code))))
        start = found[0].start if found else len(code)
        words = [SimpleCompletion(text=one.text, type=one.type) for one in found]
        return {"completions": words or NothingMore(), "suppress": True, "matched_fragment": code[start:], "ordered": True}

    def inspect(self, code: str, cursor_pos: int, *arguments: Any, **options: Any) -> dict[str, Any]:
        """Information on the word at a position, as a kernel reply."""
        assert self._inspect is not None  # noqa: S101  # Set by `hook`.
        found = None
        try:
            found = self.editor.inspect(code, cursor_pos, variables_of(self.shell))
        except Exception:  # noqa: BLE001  # If the editor fails, Python's own help must still work.
            sys.excepthook(*sys.exc_info())
        if found is None:
            return self._inspect(code, cursor_pos, *arguments, **options)
        if found.python:
            return self._inspect(found.python, len(found.python), *arguments, **options)
        data = {"text/plain": found.text} if found.text else {}
        return {"status": "ok", "found": bool(found.text), "data": data, "metadata": {}}


def _as_matcher(complete: Callable[[CompletionContext], dict[str, Any]]) -> Callable[[CompletionContext], dict[str, Any]]:
    """Convert a method to a function with the attributes that IPython expects of a matcher."""

    def seqmagic_matcher(context: CompletionContext) -> dict[str, Any]:
        return complete(context)

    marks = {"matcher_api_version": 2, "matcher_identifier": "seqmagic", "matcher_priority": FIRST}
    for name, value in marks.items():
        setattr(seqmagic_matcher, name, value)
    return seqmagic_matcher
