"""The run card: everything about one run; as HTML and as text."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from seqmagic.training.ledger.changes import settings_of
from seqmagic.training.ledger.entry import RunEntry
from seqmagic.widgets.run_comparison import text_of
from seqmagic.widgets.run_table import run_style
from seqmagic.widgets.run_words import align, metrics_of, spoken_epochs, spoken_moment, spoken_number, spoken_state, spoken_time


class RunCard:
    """One run with its network, settings and numbers.

    checkpoints: the kinds of weights that are kept of it, with the moment of each in Unix seconds.
    changed: what changed against the run before, in a few words.
    """

    def __init__(self, entry: RunEntry, checkpoints: Mapping[str, float], changed: str = "") -> None:
        self.entry = entry
        self.checkpoints = dict(checkpoints)
        self.changed = changed

    @property
    def title(self) -> str:
        """Which run it is."""
        return f"Run {self.entry.id}: {self.entry.name}"

    def facts(self) -> list[tuple[str, str]]:
        """How it went."""
        entry = self.entry
        told = [
            ("started", spoken_moment(entry.started)),
            ("ended", spoken_state(entry)),
            ("reason", str(entry.facts.get("reason") or entry.facts.get("error") or "")),
            ("trained", f"{spoken_epochs(entry)} in {spoken_time(entry)}"),
            ("goes on from", f"run {entry.continues}" if entry.continues else ""),
            ("changed", self.changed),
            ("weights kept", ", ".join(sorted(self.checkpoints)) or "none"),
        ]
        return [(what, words) for what, words in told if words]

    def numbers(self) -> list[tuple[str, str, str, str]]:
        """Each metric with its last number, its best one and the epoch of that."""
        entry = self.entry
        rows = []
        for name in metrics_of([entry]):
            best, position = entry.best.get(name, (entry.numbers[name], entry.position))
            rows.append((name, spoken_number(entry.numbers[name]), spoken_number(best), f"{position:.3g}"))
        return rows

    def words(self) -> list[str]:
        """The lines of the network, compile and fit."""
        entry = self.entry
        if not entry.cell:
            return text_of(entry).strip().splitlines()
        lines = entry.cell.strip().splitlines()
        has_fit = any(line.split(maxsplit=1)[:1] == ["fit"] for line in lines)
        return [*lines, *([] if has_fit or not entry.fit else [entry.fit])]

    def __repr__(self) -> str:
        facts = align(self.facts())
        numbers = [] if not self.numbers() else ["", *align([("metric", "last", "best", "epoch"), *self.numbers()], right=(1, 2, 3))]
        settings = align(list(settings_of(self.entry).items()) or [("", "")])
        return "\n".join([self.title, *facts, *numbers, "", *self.words(), "", *settings]).rstrip()

    def _repr_html_(self) -> str:
        facts = "".join(f"<dt>{escape(what)}</dt><dd>{escape(words)}</dd>" for what, words in self.facts())
        settings = "".join(f"<dt>{escape(what)}</dt><dd>{escape(words)}</dd>" for what, words in settings_of(self.entry).items())
        lines = escape("\n".join(self.words()))
        return (
            f'{run_style()}<div class="seqmagic-card seqmagic-runs"><h4>{escape(self.title)}</h4><dl>{facts}</dl>{self._html_numbers()}'
            f"<h4>Text</h4><pre>{lines}</pre><details><summary>All settings</summary><dl>{settings}</dl></details></div>"
        )

    def _html_numbers(self) -> str:
        if not self.numbers():
            return ""
        heads = "".join(f'<th scope="col" class="number">{head}</th>' for head in ("last", "best"))
        rows = "".join(_html_number(*row) for row in self.numbers())
        head = f'<tr><th scope="col">metric</th>{heads}</tr>'
        return f'<h4>Numbers</h4><table class="pair"><thead>{head}</thead><tbody>{rows}</tbody></table>'


def _html_number(name: str, last: str, best: str, epoch: str) -> str:
    cells = (escape(last), f"{escape(best)}<br><small>epoch {escape(epoch)}</small>")
    return f'<tr><th scope="row">{escape(name)}</th>{"".join(f"<td class=number>{cell}</td>" for cell in cells)}</tr>'
