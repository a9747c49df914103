"""Python expressions in places of a magic's line that are otherwise plain text: a file name, the number of a run."""

from __future__ import annotations

import re

from IPython.core.interactiveshell import InteractiveShell

from seqmagic.errors import Span

PYTHON = re.compile(r"\{(?:[^{}]|\{[^{}]*\})*\}")


def fill_in(shell: InteractiveShell, words: str) -> str:
    """Replace each expression in curly brackets by its value: `--save {folder / "digits.seq"}`.

    Raises:
        LanguageError: At the expression, if evaluating it raises.
    """

    def value_of(found: re.Match[str]) -> str:
        from seqmagic.language.syntax import Expression
        from seqmagic.magics.evaluation import evaluate_expression

        place = Span(1, found.start() + 1, found.end() + 1, words)
        return str(evaluate_expression(shell, Expression(found[0], place)))

    return PYTHON.sub(value_of, words)
