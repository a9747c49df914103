"""The base of completion and inspection: what both use to read a part of a cell."""

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
        flows: of the text before the cursor.
        families: the names of cells with searched values.
    """

    vocabulary: Vocabulary
    names: Mapping[str, Any]
    flows: Flows
    families: Iterable[str] = ()
