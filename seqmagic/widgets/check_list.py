"""The check list: the requirements of an exercise with their results; as HTML and as text, and live until training has ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras

from seqmagic.errors.boundary import NAMES, TEXT, instance_of, raises_ours, translate
from seqmagic.exercises.check import FAILED, OPEN, PASSED, Check, raise_unmet
from seqmagic.exercises.exercise import Exercise, read_expectations
from seqmagic.network.arguments import Names
from seqmagic.training.run import Run
from seqmagic.translation import gettext, ngettext
from seqmagic.widgets.html import Element, card, card_widget, element
from seqmagic.widgets.saved import SavedView
from seqmagic.widgets.text_table import align, plain_text

MARKS = {PASSED: "✓", FAILED: "✗", OPEN: "?"}


class CheckList:
    """The checks of a cell.

    Attributes:
        checks: in display order.
    """

    def __init__(self, checks: Sequence[Check]) -> None:
        self.checks = tuple(checks)

    def total(self) -> str:
        """A sentence on how many have passed."""
        passed = sum(check.state == PASSED for check in self.checks)
        if passed == len(self.checks):
            return gettext("All checks have passed.") if passed > 1 else gettext("The check has passed.")
        if len(self.checks) == 1:
            return gettext("The check has not passed.")
        return ngettext("{count} of {all} checks has passed.", "{count} of {all} checks have passed.", passed, all=len(self.checks))

    def __repr__(self) -> str:
        rows = [(MARKS[check.state], gettext("line {line}", line=check.span.line), check.asked, check.sentence) for check in self.checks]
        return plain_text([*align(rows), self.total()])

    def _repr_html_(self) -> str:
        return card(element("table", element("tbody", *map(_html_row, self.checks))), element("p", element("b", self.total())))


def _html_row(check: Check) -> Element:
    mark = element("td", element("span", MARKS[check.state], title=check.state))
    return element(
        "tr",
        mark,
        element("td", element("code", check.asked), element("br"), element("small", gettext("line {line}", line=check.span.line))),
        element("td", check.sentence),
    )


@raises_ours(model=instance_of("a Keras model", keras.Model), text=TEXT, names=NAMES)
def check(model: keras.Model, text: str, names: Names | None = None) -> CheckList:
    """Check whether a model is what an exercise asks for. Raises an error if not, so it can be used as an assertion in a grader.

    >>> from seqmagic import build
    >>> check(build("input 784 -> dense 10 softmax"), "expect params < 50k")
    ✓  line 1  expect params < 50k  The network has 7,850 parameters.
    The check has passed.

    Args:
        model: a model, trained or not.
        text: one or more `expect` lines. Metrics such as `val_accuracy` are those of the last epoch of the model's last training.
        names: your own layers, keyed by the words that the text uses for them.

    Returns:
        The checks, which show what was expected and what was found.

    Raises:
        ExpectationError: If an expectation is not met, with the numbers; SeveralErrors if there is more than one.
        LanguageError, UnknownNameError: If a line can't be parsed.
    """
    checks = Exercise(read_expectations(text), model, names or {}).check()
    raise_unmet(checks)
    return CheckList(checks)


class LiveCheckList(SavedView):
    """The checks of a cell during its training; they are repeated when it ends.

    Attributes:
        list: as shown.
        run: the training. before, after: return the checks during training, and at its end.
    """

    def __init__(self, run: Run, before: Callable[[], Sequence[Check]], after: Callable[[], Sequence[Check]]) -> None:
        self._make = after
        self.list = CheckList(before())
        self._page = card_widget(self.list._repr_html_())
        self._run = run
        super().__init__([self._page])
        run.watchers.append(self._watch)
        self._watch(run)

    def _watch(self, run: Run) -> None:
        """A watcher of the run, which must not raise."""
        if not run.ended or self._watch not in run.watchers:
            return
        run.watchers.remove(self._watch)
        try:
            self.list = CheckList(self._make())
            self._page.value = self.list._repr_html_()
        except Exception as error:  # noqa: BLE001  # An exception in a watcher would not be shown.
            self._page.value = card(element("p", str(translate(error, gettext("The check")))), kind="error")
        self.refresh_saved(picture=False)

    def close(self) -> None:
        """Remove the list; the run continues."""
        if self._watch in self._run.watchers:
            self._run.watchers.remove(self._watch)
        super().close()

    def saved_png(self) -> Any:
        """There is no image."""
        return None

    def saved_text(self) -> str:
        """The list as text."""
        return repr(self.list)
