"""The sweep table: the trials, the best first, with their drawn values; as HTML and as text."""

from __future__ import annotations

from collections.abc import Iterator

from seqmagic.language.searched import CHOICE, Drawn
from seqmagic.measure import format_position
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
        self._counted = {one.name for one in sweep.task.family.searched if one.kind != CHOICE or all(map(_is_number, one.texts))}

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
        runs = ", ".join(map(str, one.runs))
        where = [_places(one)] if self._has_places else []
        return [str(one.number), *values, one.format_result(), state, _epochs(one), format_seconds(one.seconds), *where, runs]

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
        title = gettext("Trials, best {metric} first", metric=self.sweep.metric)
        heads = [gettext("trial"), *self.names, self.sweep.metric, gettext("ended"), gettext("runs")]
        counted = {*self._counted, self.sweep.metric}
        head = element("thead", element("tr", *(element("th", one, scope="col", class_=_side(one in counted)) for one in heads)))
        # On a narrow page, CSS lays the rows out as blocks, and screen readers would not recognize the table without roles.
        body = element("tbody", *(self._row(one) for one in self.trials[:MOST_ROWS]))
        notes = [element("p", element("small", note)) for note in self._notes()]
        table = element("table", element("caption", title), head, body, class_="trials", role="table")
        # A table wider than the page scrolls sideways; `tabindex` makes it scrollable with the keyboard, too.
        return card(element("div", table, class_="wide", role="region", tabindex="0", aria_label=title), *notes, kind="trials")

    def _row(self, one: Trial) -> Element:
        is_best = one is self.sweep.best
        drawn = [(name, format_drawn(one.values[name]) if name in one.values else "", name in self._counted) for name in self.names]
        cells = [
            element(
                "td",
                element("b" if is_best else "span", text) if text else None,
                role="cell",
                class_=_side(counted, "" if text else "empty"),
                data_label=name,
            )
            for name, text, counted in (*drawn, (self.sweep.metric, one.format_result(), True))
        ]
        below = gettext(", ").join(filter(None, [_epochs_in_words(one), format_seconds(one.seconds), _places(one)]))
        state = [element("span", gettext(STATES.get(one.state, one.state))), element("br"), element("small", below)]
        runs = ", ".join(map(str, one.runs))
        number = element("th", element("b", one.number) if is_best else one.number, scope="row", role="rowheader", class_="run")
        ended = element("td", *state, role="cell", class_=f"{one.state} state")
        whole = [number, *cells, ended, element("td", runs, role="cell", data_label=gettext("runs"))]
        return element("tr", *whole, role="row", title=gettext(one.reason) or None)


def _side(counted: bool, more: str = "") -> str | None:  # noqa: FBT001
    return " ".join(filter(None, ["number" if counted else "", more])) or None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _epochs(one: Trial) -> str:
    """The epochs of its runs, once if they are the same: '3' or '3, 2'."""
    counts = [format_position(outcome.rows[-1, 0]) for outcome in one.outcomes if len(outcome.rows)]
    return ", ".join(counts if len(set(counts)) > 1 else counts[:1])


def _epochs_in_words(one: Trial) -> str:
    done = _epochs(one)
    if not done:
        return ""
    return gettext("{done} epoch", done=done) if done == "1" else gettext("{done} epochs", done=done)


def _places(one: Trial) -> str:
    """The workers that train it, if not this kernel."""
    return ", ".join(dict.fromkeys(outcome.where.partition("://")[2] for outcome in one.outcomes if outcome.where))


def format_drawn(value: Drawn) -> str:
    """A drawn value as in the text."""
    return value if isinstance(value, str) else f"{value:g}"
