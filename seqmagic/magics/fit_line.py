"""The fit line: the text after `%fit` and `%dashboard`, checked against the notebook; errors point at the line as typed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from seqmagic.errors import LanguageError, SeqmagicError, SeveralErrors, UnknownNameError, nearest
from seqmagic.translation import gettext, gettext_noop

RATE = re.compile(r"\s+(?:lr|learning_rate)=([\d.eE+-]+)(?=\s|$)")
# The most common names of data and labels.
PAIRS = (("x_train", "y_train"), ("X_train", "y_train"), ("x", "y"), ("X", "y"), ("data", "labels"))
MOST_FIXES = 2


@dataclass(frozen=True)
class FitLine:
    """A line of `%fit` or `%dashboard`.

    Attributes:
        magic: its name.
        text: after the magic.
        names: the notebook's variables.
    """

    magic: str
    text: str
    names: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The first word, which names the model."""
        return self.text.strip().partition(" ")[0]

    @property
    def rest(self) -> str:
        """The data and the options."""
        return self.text.strip().partition(" ")[2].strip()

    @property
    def typed(self) -> str:
        """The whole line, as in the cell."""
        return f"%{self.magic} {self.text.strip()}"

    def models(self) -> list[str]:
        """The names of the notebook's models, the newest first."""
        import keras

        return [name for name, value in self.names.items() if isinstance(value, keras.Model) and name.isidentifier()][::-1]

    def explain_name(self, hint: str) -> SeqmagicError:
        """The error for a first word that is not a model, with lines that were tried.

        Args:
            hint: if there is no model at all.
        """
        models = self.models()
        if self.name.rstrip(",") in models:
            error: SeqmagicError = LanguageError(
                gettext("The words on this line are separated by spaces only."), expected=gettext("no commas between them")
            )
        else:
            error = UnknownNameError(gettext_noop("model"), self.name, models, hint=hint)
        error.fixes = self._working(self._meant(models))
        return error

    def _meant(self, models: list[str]) -> Iterator[str]:
        """Lines that may be meant, the most likely first."""
        plain = re.sub(r"\s*,\s+", " ", self.text.strip()).rstrip(",")
        if plain != self.text.strip():
            yield plain
        forgotten = [*models, ""] if self.name in self.names or "=" in self.name else []
        for line in (plain, self.text.strip()):
            first, _, rest = line.partition(" ")
            for model in nearest(first, models):
                yield f"{model} {rest}"
            for model in filter(None, forgotten):
                yield f"{model} {line}"
                yield from (f"{model} {x} {y} {line}" for x, y in PAIRS if "=" in first)

    def _working(self, lines: Iterator[str]) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for text in lines:
            line = replace(self, text=text.strip())
            if line.works():
                found[line.typed] = None
            if len(found) == MOST_FIXES:
                break
        return tuple(found)

    def works(self) -> bool:
        """Whether the line names a model, and data that it can be trained on."""
        from seqmagic.recipes.faults import find_line_faults

        model = self.names.get(self.name)
        if model is None or not hasattr(model, "fit"):
            return False
        return not find_line_faults(f"fit {self.rest}", model, self.names) if self.rest else self.magic in ("dashboard", "look")

    def add_fixes(self, error: SeqmagicError, model: Any) -> None:
        """Make an error point at the line as typed, with fixes that were tried."""
        from seqmagic.network.fixes import FixTrial, add_fixes
        from seqmagic.recipes.faults import find_line_faults

        add_fixes(error, FixTrial(f"fit {self.rest}", lambda text: find_line_faults(text, model, self.names)))
        with_data = self._with_data()
        for single in error.errors if isinstance(error, SeveralErrors) else (error,):
            more = tuple(self._with_rate(model)) if not single.fixes else ()
            single.fixes = with_data or (*(self._as_typed(fix) for fix in single.fixes), *more)
            if single.span is not None:
                shift = len(f"%{self.magic} {self.name} ") - len("fit ")
                column = max(1, single.span.column + shift)
                typed = f"%{self.magic} {self.name} {self.rest}"
                single.span = replace(single.span, column=column, end=max(column + 1, single.span.end + shift), source=typed)

    @contextmanager
    def types_fixes(self) -> Iterator[None]:
        """Show the fixes of data errors as a line of this magic."""
        try:
            yield
        except SeqmagicError as error:
            error.fixes = tuple(self._as_typed(fix) for fix in error.fixes)
            raise

    def _as_typed(self, fix: str) -> str:
        return f"%{self.magic} {self.name} {fix.removeprefix('fit ')}" if fix.startswith("fit ") else fix

    def _with_rate(self, model: Any) -> Iterator[str]:
        """The line without a learning rate, which belongs to the model's optimizer."""
        from seqmagic.keras_internals.compiled import has_plain_rate

        rate = RATE.search(self.text)
        if rate is None or not has_plain_rate(getattr(model, "optimizer", None)):
            return
        line = replace(self, text=self.text[: rate.start()] + self.text[rate.end() :])
        if line.works():
            yield gettext(", and ").join([f"{self.name}.optimizer.learning_rate = {rate[1]}", line.typed])

    def _with_data(self) -> tuple[str, ...]:
        """The line with data of the usual names, if it names none."""
        if self.rest and "=" not in self.rest.partition(" ")[0]:
            return ()
        return self._working(f"{self.name} {x} {y} {self.rest}" for x, y in PAIRS)
