"""The sweep table: the trials, the best first, with their drawn values; as HTML and as text."""

from __future__ import annotations

from collections.abc import Iterator

from seqmagic.language.searched import Drawn
from seqmagic.sweeps.sweep import Sweep
from seqmagic.sweeps.trials import Trial, TrialState
from seqmagic.translation import gettext, gettext_noop
from seqmagic.widgets.html import Element, card, element
from seqmagic.widgets.status import format_seconds
from seqmagic.widgets.text_table import align, plain_text

MOST_ROWS = 50
STATES = {TrialState.RUNNING: gettext_noop("running"), TrialState.CUT: gettext_noop("to be resumed")}


class SweepTable:
    """The current trials of a sweep.

    Attributes:
        sweep: in any state.
    """

    def __init__(self, sweep: Sweep) -> None:
        self.sweep = sweep
        ranking = sweep.ranking
        rest = [one for one in sweep.trials if all(one is not other for other in ranking)]
        self.trials = [*ranking, *rest]
        self.names = [one.name for one in sweep.task.family.searched]

    def _heads(self) -> list[str]:
        return [
            gettext("trial"),
            *self.names,
            self.sweep.metric,
            gettext("ended"),
            gettext("epochs"),
            gettext("took"),
            *([gettext("where")] if self._has_places else []),
            gettext("runs"),
        ]

    @property
    def _has_places(self) -> bool:
        """Whether trials train outside this kernel."""
        return any(outcome.where for one in self.trials for outcome in one.outcomes)

    def _cells(self, one: Trial) -> list[str]:
        values = [format_drawn(one.values[name]) if name in one.values else "" for name in self.names]
        state = gettext(STATES.get(one.state, one.state))
        epochs = ", ".join(f"{outcome.rows[-1, 0]:.3g}" for outcome in one.outcomes if len(outcome.rows))
        runs = ", ".join(map(str, one.runs))
        places = dict.fromkeys(outcome.where.partition("://")[2] for outcome in one.outcomes if outcome.where)
        where = [", ".join(places)] if self._has_places else []
        return [str(one.number), *values, one.format_result(), state, epochs, format_seconds(one.seconds), *where, runs]

    def _notes(self) -> Iterator[str]:
        if len(self.trials) > MOST_ROWS:
            yield gettext(
                "Showing {most_rows} of {count} trials. sweep.trials has all of them.", most_rows=MOST_ROWS, count=len(self.trials)
            )
        failed = next((one for one in reversed(self.sweep.trials) if one.state == TrialState.FAILED), None)
        if failed is not None:
            yield gettext("Trial {number}: {reason}", number=failed.number, reason=gettext(failed.reason))

    def __repr__(self) -> str:
        rows = [self._cells(one) for one in self.trials[:MOST_ROWS]]
        if not rows:
            return gettext("No network has been tried yet.")
        count = len(self.names)
        return plain_text([*align([self._heads(), *rows], right=(0, count + 1, count + 4)), *self._notes()])

    def _repr_html_(self) -> str:
        if not self.trials:
            return card(element("p", gettext("No network has been tried yet.")))
        head = element("thead", element("tr", *(element("th", head, scope="col") for head in self._heads())))
        rows = [self._row(one) for one in self.trials[:MOST_ROWS]]
        notes = [element("p", element("small", note)) for note in self._notes()]
        caption = element("caption", gettext("Trials, best {metric} first", metric=self.sweep.metric))
        return card(element("table", caption, head, element("tbody", *rows)), *notes, kind="runs")

    def _row(self, one: Trial) -> Element:
        first, *cells = (element("b", cell) if one is self.sweep.best else cell for cell in self._cells(one))
        number = element("th", first, scope="row", class_="run")
        return element("tr", number, *(element("td", cell) for cell in cells), title=gettext(one.reason) or None)


def format_drawn(value: Drawn) -> str:
    """A drawn value as in the text."""
    return value if isinstance(value, str) else f"{value:g}"
