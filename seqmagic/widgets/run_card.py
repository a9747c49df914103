"""The run card: everything about one run; as HTML and as text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePath

from seqmagic.ledger.diff import name_setting, settings_of
from seqmagic.ledger.entry import RunEntry
from seqmagic.measure import format_position
from seqmagic.translation import gettext
from seqmagic.widgets.html import Element, card, element
from seqmagic.widgets.run_comparison import lines_of_run
from seqmagic.widgets.run_words import format_epochs, format_number, format_start, format_state, format_time, metrics_of
from seqmagic.widgets.text_table import align, plain_text


class RunCard:
    """One run with its network, settings and metrics.

    Attributes:
        checkpoints: the kinds of stored weights, each with its time in Unix seconds.
        changed: what changed since the run before, in a few words.
    """

    def __init__(self, entry: RunEntry, checkpoints: Mapping[str, float], changed: str = "") -> None:
        self.entry = entry
        self.checkpoints = dict(checkpoints)
        self.changed = changed

    @property
    def title(self) -> str:
        """The run's number and name."""
        return (
            gettext("Run {id}: {name}", id=self.entry.id, name=self.entry.name)
            if self.entry.name
            else gettext("Run {id}", id=self.entry.id)
        )

    def facts(self) -> list[tuple[str, str]]:
        """The course and the outcome of the run."""
        entry = self.entry
        trained = gettext("{epochs} in {time}", epochs=format_epochs(entry), time=format_time(entry)) if not entry.unreadable else ""
        found = [
            (gettext("started"), format_start(entry)),
            (gettext("ended"), format_state(entry)),
            (
                gettext("why"),
                gettext("{unreadable}; %runs {id} --delete removes it", unreadable=entry.unreadable, id=entry.id)
                if entry.unreadable
                else "",
            ),
            (gettext("reason"), str(entry.facts.get("reason") or entry.facts.get("error") or "")),
            (gettext("trained"), trained),
            (gettext("notebook"), PurePath(entry.notebook.replace("\\", "/")).name),
            (gettext("user"), entry.user),
            (gettext("continues"), gettext("run {continues}", continues=entry.continues) if entry.continues else ""),
            (gettext("changed"), "" if entry.unreadable else self.changed),
            (gettext("weights kept"), ", ".join(sorted(self.checkpoints)) or gettext("none")),
        ]
        return [(what, words) for what, words in found if words]

    def numbers(self) -> list[tuple[str, str, str, str]]:
        """Each metric with its last value, its best value, and the epoch of that."""
        entry = self.entry
        rows = []
        for name in metrics_of([entry]):
            last = format_number(entry.numbers[name]) if name in entry.numbers else ""
            best, position = entry.best.get(name, (None, 0.0))
            rows.append((name, last, *(("", "") if best is None else (format_number(best), format_position(position)))))
        return rows

    def words(self) -> list[str]:
        """The lines of the network, compile and fit."""
        entry = self.entry
        if not entry.cell:
            return lines_of_run(entry).strip().splitlines()
        lines = entry.cell.strip().splitlines()
        has_fit = any(line.split(maxsplit=1)[:1] == ["fit"] for line in lines)
        return [*lines, *([] if has_fit or not entry.fit else [entry.fit])]

    def __repr__(self) -> str:
        facts = align(self.facts())
        numbers = (
            []
            if not self.numbers()
            else ["", *align([(gettext("metric"), gettext("last"), gettext("best"), gettext("epoch")), *self.numbers()], right=(1, 2, 3))]
        )
        if self.entry.unreadable:
            return plain_text([self.title, *facts])
        settings = align([(name_setting(name), words) for name, words in settings_of(self.entry).items()] or [("", "")])
        return plain_text([self.title, *facts, *numbers, "", *self.words(), "", *settings]).rstrip()

    def _repr_html_(self) -> str:
        return card(
            element("h4", self.title),
            _html_list(self.facts()),
            *self._html_numbers(),
            *([] if self.entry.unreadable else self._html_text()),
            kind="runs",
        )

    def _html_text(self) -> list[Element]:
        settings = element(
            "details",
            element("summary", gettext("All settings")),
            _html_list((name_setting(name), words) for name, words in settings_of(self.entry).items()),
        )
        return [element("h4", gettext("Text")), element("pre", "\n".join(self.words())), settings]

    def _html_numbers(self) -> list[Element]:
        if not self.numbers():
            return []
        heads = [element("th", head, scope="col", class_="number") for head in (gettext("last"), gettext("best"))]
        head = element("thead", element("tr", element("th", gettext("metric"), scope="col"), *heads))
        body = element("tbody", *(_html_number(*row) for row in self.numbers()))
        return [element("h4", gettext("Numbers")), element("table", head, body, class_="pair", aria_label=gettext("Numbers"))]


def _html_list(facts: Iterable[tuple[str, str]]) -> Element:
    return element("dl", *(part for what, words in facts for part in (element("dt", what), element("dd", words))))


def _html_number(name: str, last: str, best: str, epoch: str) -> Element:
    below = (element("br"), element("small", gettext("epoch {epoch}", epoch=epoch)))
    cells = (element("td", last, class_="number"), element("td", best, *below, class_="number"))
    return element("tr", element("th", name, scope="row"), *cells)
