"""The flows: what is known of the text before the cursor, cached between keystrokes, with a limit on waiting."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seqmagic.editor.flow import Flow, Memory

LONGEST_WAIT = 0.03  # Seconds per keystroke; longer work continues in its thread, and its result is used by a later request.
MOST_TEXTS = 8
NAME = re.compile(r"[^\W\d]\w*")


class Flows:
    """Finds the flow at a position while the user types.

    Attributes:
        is_ready: returns whether Keras is loaded; before that nothing is known.
    """

    def __init__(self, is_ready: Callable[[], bool]) -> None:
        self.is_ready = is_ready
        self._known: OrderedDict[Any, Flow] = OrderedDict()
        self._memory: Memory | None = None
        self._running: threading.Thread | None = None

    def before(self, text: str, start: int, names: Mapping[str, Any], onto: Any = None, wait: float = LONGEST_WAIT) -> Flow | None:
        """The flow of the text before a position; None if it is not known yet.

        Args:
            text: of the network, up to the layer that is being typed; everything before it is complete.
            start: where the logical line of the position begins.
            names: the notebook's variables.
            onto: the model to which the layers would be appended.
            wait: the maximum in seconds.
        """
        if not self.is_ready() or (self._running is not None and self._running.is_alive()):
            return None
        from seqmagic.network.own_thread import work_beside

        found: list[Flow] = []
        work = work_beside(lambda: found.append(self._read(text, start, names, onto)))
        self._running = threading.Thread(target=work, name="seqmagic-flow", daemon=True)
        self._running.start()
        self._running.join(wait)
        return found[0] if found else None

    def _read(self, text: str, start: int, names: Mapping[str, Any], onto: Any) -> Flow:
        """The flow of the lines above, continued with the beginning of this line."""
        from seqmagic.editor.flow import follow

        head = text[start:].strip()
        above = self._read_lines(text[:start], names, onto)
        return follow(head, names, self.memory, onto, above if text[:start].strip() else None) if head else above

    def _read_lines(self, text: str, names: Mapping[str, Any], onto: Any) -> Flow:
        """The flow of whole lines, continued from a cached flow of the first of them if possible."""
        from seqmagic.editor.flow import follow

        key = (text, id(onto), _values(text, names))
        if key in self._known:
            self._known.move_to_end(key)
            return self._known[key]
        before = self._longest_before(text, names, onto)
        begun = before[0] if before is not None else ""
        flow = follow(text[len(begun) :], names, self.memory, onto, before[1] if before is not None else None)
        self._known[key] = flow
        while len(self._known) > MOST_TEXTS:
            self._known.popitem(last=False)
        return flow

    def _longest_before(self, text: str, names: Mapping[str, Any], onto: Any) -> tuple[str, Flow] | None:
        """The longest cached text that this one continues with new lines, and its flow."""
        fitting = [
            (begun, flow)
            for (begun, model, values), flow in self._known.items()
            if flow.is_whole and model == id(onto) and begun.strip() and goes_on(begun, text) and values == _values(begun, names)
        ]
        return max(fitting, key=lambda one: len(one[0]), default=None)

    @property
    def memory(self) -> Memory:
        """The cache for single lines."""
        from seqmagic.editor.flow import Memory

        if self._memory is None:
            self._memory = Memory()
        return self._memory


def goes_on(begun: str, text: str) -> bool:
    r"""Whether a text begins with whole lines, and continues with a new line that is not part of them.

    >>> goes_on("input 8\n", "input 8\ndense 3\n"), goes_on("block a(n):\n", "block a(n):\n  dense n\n")
    (True, False)
    """
    return begun.endswith("\n") and text.startswith(begun) and not text[len(begun) :].startswith((" ", "\t"))


def _values(text: str, names: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    """The identities of the notebook variables that a text uses: if one changes, cached flows are invalid."""
    return tuple((word, id(names[word])) for word in sorted(set(NAME.findall(text))) if word in names)
