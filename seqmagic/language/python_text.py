"""Python text: pasted code with its position in the source, so that messages can point to it."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any

from seqmagic.errors import Span
from seqmagic.language.lines import Source


@dataclass(frozen=True)
class PythonText:
    """Pasted Python code with its position in the source.

    Attributes:
        code: to parse; every character is in the same line and column as in the source, apart from `cut`.
        first_line: of the source, from 0, for the first line of `code`.
        cut: the number of characters that each line of the source has more in front, if there are any.
    """

    code: str
    source: Source
    first_line: int = 0
    cut: tuple[int, ...] = ()
    _lines: list[str] = field(default_factory=list, compare=False, repr=False)

    def place(self, node: Any) -> tuple[int, int]:
        """The start and the end of a node in the source, in characters."""
        return self._offset(node.lineno, node.col_offset), self._offset(node.end_lineno, node.end_col_offset)

    def _offset(self, line: int, column: int) -> int:
        if not self._lines:
            self._lines.extend(self.code.split("\n"))
        # Python's columns count UTF-8 bytes, not characters.
        characters = len(self._lines[line - 1].encode()[:column].decode(errors="ignore"))
        number = self.first_line + line - 1
        return self.source.start_of(number) + characters + (self.cut[number] if self.cut else 0)

    def span(self, node: Any) -> Span:
        """The span of a node, for a message."""
        return self.source.span(*self.place(node))

    def written(self, node: Any) -> str:
        """A node as typed; on one line, so that it fits into a message."""
        start, end = self.place(node)
        text = self.source.written[start:end]
        return text if "\n" not in text else ast.unparse(node)


def dotted_name(node: ast.expr) -> str | None:
    """A dotted name, such as `keras.layers.Dense`; None for anything else.

    >>> dotted_name(ast.parse("tf.nn.relu", mode="eval").body), dotted_name(ast.parse("f().x", mode="eval").body)
    ('tf.nn.relu', None)
    """
    if isinstance(node, ast.Name):
        return node.id
    inner = dotted_name(node.value) if isinstance(node, ast.Attribute) else None
    return f"{inner}.{node.attr}" if inner is not None and isinstance(node, ast.Attribute) else None
