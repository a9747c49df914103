"""Editing: Tab and Shift-Tab in our cells and lines, by Jupyter's own messages and in a terminal; undone when the extension is unloaded."""

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

FIRST = 1_000  # Before IPython's own matchers, which then are not asked.


class NothingMore(tuple[SimpleCompletion, ...]):
    """No words, and nobody else is to be asked: IPython asks its own matchers wherever ours has a length of 0."""

    __slots__ = ()

    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Iterator[SimpleCompletion]:
        return iter(())


class CellEditor:
    """The editor's hooks in a shell.

    Attributes:
        editor: what answers.
    """

    def __init__(self, shell: InteractiveShell, preload: Preload, families: Iterable[str] = ()) -> None:
        self.shell = shell
        self.editor = Editor(lambda: preload.is_done, families)
        self._matcher = _as_matcher(self.complete)
        self._inspect: Callable[..., dict[str, Any]] | None = None

    def hook(self) -> None:
        """Answer for our cells from now on."""
        if isinstance(self.shell.Completer, IPCompleter):
            self.shell.Completer.custom_matchers.append(self._matcher)
        if has_kernel(self.shell):
            self._inspect = self.shell.kernel.do_inspect
            self.shell.kernel.do_inspect = self.inspect

    def unhook(self) -> None:
        """Leave all cells to IPython again."""
        matchers = getattr(self.shell.Completer, "custom_matchers", [])
        if self._matcher in matchers:
            matchers.remove(self._matcher)
        if self._inspect is not None and self.shell.kernel.__dict__.get("do_inspect") == self.inspect:
            del self.shell.kernel.do_inspect
        self._inspect = None

    def complete(self, context: CompletionContext) -> dict[str, Any]:
        """What may be typed at a place, as IPython's completer takes it."""
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
        """What is shown beside a word."""
        return offer.detail

    def _complete_python(self, code: str) -> dict[str, Any]:
        """What IPython offers for the Python in curly brackets."""
        with provisionalcompleter():
            found = list(rectify_completions(code, self.shell.Completer.completions(code, len(code))))
        start = found[0].start if found else len(code)
        words = [SimpleCompletion(text=one.text, type=one.type) for one in found]
        return {"completions": words or NothingMore(), "suppress": True, "matched_fragment": code[start:], "ordered": True}

    def inspect(self, code: str, cursor_pos: int, *arguments: Any, **options: Any) -> dict[str, Any]:
        """What the word at a place is, as an answer of the kernel."""
        assert self._inspect is not None  # noqa: S101  # It is hooked.
        found = None
        try:
            found = self.editor.inspect(code, cursor_pos, variables_of(self.shell))
        except Exception:  # noqa: BLE001  # What the editor fails at must not take Python's own help away.
            sys.excepthook(*sys.exc_info())
        if found is None:
            return self._inspect(code, cursor_pos, *arguments, **options)
        if found.python:
            return self._inspect(found.python, len(found.python), *arguments, **options)
        data = {"text/plain": found.text} if found.text else {}
        return {"status": "ok", "found": bool(found.text), "data": data, "metadata": {}}


def _as_matcher(complete: Callable[[CompletionContext], dict[str, Any]]) -> Callable[[CompletionContext], dict[str, Any]]:
    """A function with the marks by which IPython knows how to ask it."""

    def seqmagic_matcher(context: CompletionContext) -> dict[str, Any]:
        return complete(context)

    marks = {"matcher_api_version": 2, "matcher_identifier": "seqmagic", "matcher_priority": FIRST}
    for name, value in marks.items():
        setattr(seqmagic_matcher, name, value)
    return seqmagic_matcher
