"""The error of a layer that can't work on what flows into it, with the way that the shapes took."""

from __future__ import annotations

from seqmagic.errors.error import SeqmagicError
from seqmagic.errors.span import Span, printable
from seqmagic.translation import gettext

MOST_STEPS = 7  # Of a chain of shapes in a line.


class ShapeError(SeqmagicError):
    """A layer can't work on the shape that flows into it.

    >>> error = ShapeError("'lstm' can't work on 64, which 'flatten' in line 2 gives.")
    >>> error.chain = (("input", "8x8"), ("flatten", "64"))
    >>> print(error)
    'lstm' can't work on 64, which 'flatten' in line 2 gives.
    The shapes up to here: input 8x8 -> flatten 64

    Attributes:
        found: the shape that arrives, without the batch axis.
        window: the window that doesn't fit into it, for a layer that moves one.
        chain: the words of the layers before it, each with the shape that it gives.
    """

    def __init__(
        self,
        problem: str,
        *,
        found: tuple[int | None, ...] = (),
        expected: str = "",
        span: Span | None = None,
        window: tuple[int | None, ...] | None = None,
    ) -> None:
        super().__init__(problem, expected=expected, span=span)
        self.found = found
        self.window = window
        self.chain: tuple[tuple[str, str], ...] = ()

    def _chain_lines(self) -> list[str]:
        """The way that the shapes took; the input alone is in the problem already."""
        return [gettext("The shapes up to here: {chain}", chain=self.format_chain())] if len(self.chain) > 1 else []

    def _fix_lines(self) -> list[str]:
        """One fix is enough beside a chain, so that the message stays short; `fixes` has them all."""
        return super()._fix_lines()[: 1 if len(self.chain) > 1 else 2]

    def format_chain(self) -> str:
        """The chain in a line, cut in the middle when it is long."""
        steps = [printable(f"{word} {shape}") for word, shape in self.chain]
        if len(steps) > MOST_STEPS:
            steps = [*steps[:2], "...", *steps[3 - MOST_STEPS :]]
        return " -> ".join(steps)
