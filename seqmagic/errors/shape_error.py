"""The error for a layer that doesn't accept its input shape, with the shapes of the layers before it."""

from __future__ import annotations

from seqmagic.errors.error import SeqmagicError
from seqmagic.errors.span import Span, printable
from seqmagic.translation import gettext

MOST_STEPS = 7  # Shapes of a chain on one line.


class ShapeError(SeqmagicError):
    """A layer doesn't accept its input shape.

    >>> error = ShapeError("'lstm' can't work on 64, the output of 'flatten' in line 2.")
    >>> error.chain = (("input", "8x8"), ("flatten", "64"))
    >>> print(error)
    'lstm' can't work on 64, the output of 'flatten' in line 2.
    The shapes up to here: input 8x8 -> flatten 64

    Attributes:
        found: the input shape, without the batch axis.
        window: the window that is too large for it, for a layer with one.
        wanted: the shape that it can't be given, for a layer that only changes the shape.
        chain: the words of the layers before it, each with its output shape.
    """

    def __init__(
        self,
        problem: str,
        *,
        found: tuple[int | None, ...] = (),
        expected: str = "",
        span: Span | None = None,
        window: tuple[int | None, ...] | None = None,
        wanted: tuple[int, ...] = (),
    ) -> None:
        super().__init__(problem, expected=expected, span=span)
        self.found = found
        self.window, self.wanted = window, wanted
        self.chain: tuple[tuple[str, str], ...] = ()

    def _chain_lines(self) -> list[str]:
        """The chain of shapes; the input alone is already in the problem."""
        return [gettext("The shapes up to here: {chain}", chain=self.format_chain())] if len(self.chain) > 1 else []

    def _fix_lines(self) -> list[str]:
        """One fix next to a chain, to keep the message short; `fixes` has all of them."""
        return super()._fix_lines()[: 1 if len(self.chain) > 1 else 2]

    def format_chain(self) -> str:
        """The chain on one line, shortened in the middle if it is long."""
        steps = [printable(f"{word} {shape}") for word, shape in self.chain]
        if len(steps) > MOST_STEPS:
            steps = [*steps[:2], "...", *steps[3 - MOST_STEPS :]]
        return " -> ".join(steps)
