"""The reader: what is known where a part of a cell is read, to complete or to explain its last word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from seqmagic.editor.flows import Flows
from seqmagic.editor.vocabulary import Vocabulary


@dataclass(frozen=True)
class PartReader:
    """Reads the parts of cells.

    Attributes:
        vocabulary: Keras's words.
        names: the notebook's variables.
        flows: what is known of the text before the cursor.
        families: the names of cells that stand for several networks.
    """

    vocabulary: Vocabulary
    names: Mapping[str, Any]
    flows: Flows
    families: Iterable[str] = ()
