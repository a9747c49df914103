"""The failure of a run: an exception out of Keras's `fit` in words."""

from __future__ import annotations

from seqmagic.errors import TrainingError
from seqmagic.model.construction import first_sentence


def explain(error: BaseException) -> TrainingError:
    """An exception out of `fit` in a sentence; Keras's own stands behind it as the cause."""
    if isinstance(error, (SystemExit, KeyboardInterrupt)):
        told = TrainingError(f"Training was broken off by {type(error).__name__}.")
    else:
        told = TrainingError(f"Training broke off. Keras says: {_graph_sentence(str(error)) or first_sentence(error)}")
    told.__cause__ = error
    return told


def _graph_sentence(text: str) -> str:
    """The one telling line of an error out of TensorFlow's graph, which stands last, behind the whole stack."""
    if not text.startswith("Graph execution error"):
        return ""
    telling = [line.strip() for line in text.splitlines() if line.strip() and "{{node" not in line]
    return telling[-1].partition("Label values")[0].strip()[:240]
