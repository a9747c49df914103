"""The editor: answers completion and inspection requests with what is loaded so far."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from seqmagic.editor.cell import part_at
from seqmagic.editor.completion import Completer, Completion
from seqmagic.editor.flows import Flows
from seqmagic.editor.inspection import Inspection, Inspector
from seqmagic.editor.vocabulary import Vocabulary, is_current, load_vocabulary


class Editor:
    """Answers requests for the cells of a notebook.

    Attributes:
        is_ready: returns whether Keras is loaded.
        flows: of the texts that are being typed.
        families: the names of cells with searched values.
    """

    def __init__(self, is_ready: Callable[[], bool], families: Iterable[str] = ()) -> None:
        self.is_ready, self.families = is_ready, families
        self.flows = Flows(is_ready)
        self._vocabulary: Vocabulary | None = None

    @property
    def vocabulary(self) -> Vocabulary:
        """Keras's words: those shipped with the release, unless another version of Keras is loaded."""
        if self._vocabulary is None:
            bundled = load_vocabulary()
            if is_current(bundled) or not self.is_ready():
                return bundled
            from seqmagic.editor.keras_words import read_vocabulary

            self._vocabulary = read_vocabulary()
        return self._vocabulary

    def complete(self, cell: str, cursor: int, names: Mapping[str, Any]) -> Completion | None:
        """The completions at a position; None outside seqmagic's cells and lines.

        Args:
            names: the notebook's variables.
        """
        part = part_at(cell, cursor)
        return Completer(self.vocabulary, names, self.flows, self.families).complete(part) if part is not None else None

    def inspect(self, cell: str, cursor: int, names: Mapping[str, Any]) -> Inspection | None:
        """Information on the word at a position; None outside seqmagic's cells and lines."""
        part = part_at(cell, cursor)
        return Inspector(self.vocabulary, names, self.flows, self.families).inspect(part, cell[cursor:]) if part is not None else None
