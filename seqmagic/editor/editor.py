"""The editor: what somebody who types in a cell asks for, answered from what is loaded so far."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from seqmagic.editor.cell import part_at
from seqmagic.editor.completion import Completer, Completion
from seqmagic.editor.flows import Flows
from seqmagic.editor.inspection import Inspection, Inspector
from seqmagic.editor.vocabulary import Vocabulary, is_current, load_vocabulary


class Editor:
    """Answers for the cells of a notebook.

    Attributes:
        is_ready: whether Keras is loaded.
        flows: what is known of the texts that are being typed.
        families: the names of cells that stand for several networks.
    """

    def __init__(self, is_ready: Callable[[], bool], families: Iterable[str] = ()) -> None:
        self.is_ready, self.families = is_ready, families
        self.flows = Flows(is_ready)
        self._vocabulary: Vocabulary | None = None

    @property
    def vocabulary(self) -> Vocabulary:
        """Keras's words: those of the release, until another Keras is loaded."""
        if self._vocabulary is None:
            bundled = load_vocabulary()
            if is_current(bundled) or not self.is_ready():
                return bundled
            from seqmagic.editor.keras_words import read_vocabulary

            self._vocabulary = read_vocabulary()
        return self._vocabulary

    def complete(self, cell: str, cursor: int, names: Mapping[str, Any]) -> Completion | None:
        """What may be typed at a place; None where the cell there is nothing of ours.

        Args:
            names: the notebook's variables.
        """
        part = part_at(cell, cursor)
        return Completer(self.vocabulary, names, self.flows, self.families).complete(part) if part is not None else None

    def inspect(self, cell: str, cursor: int, names: Mapping[str, Any]) -> Inspection | None:
        """What the word at a place is; None where the cell there is nothing of ours."""
        part = part_at(cell, cursor)
        return Inspector(self.vocabulary, names, self.flows, self.families).inspect(part, cell[cursor:]) if part is not None else None
