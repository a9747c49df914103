"""What is shown of networks, runs and words, as text: of the same numbers each time, for pages in each language."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

import seqmagic
from seqmagic.editor.inspection import describe_word
from seqmagic.editor.vocabulary import load_vocabulary
from seqmagic.history import History
from seqmagic.language import parse, parse_step
from seqmagic.ledger.entry import LAST_EPOCH, SECONDS_BEFORE, RunEntry, with_numbers
from seqmagic.network.plan import make_plan
from seqmagic.widgets.network_card import NetworkCard
from seqmagic.widgets.run_card import RunCard
from seqmagic.widgets.run_comparison import RunComparison
from seqmagic.widgets.run_table import RunTable
from seqmagic.widgets.status import format_best, with_table

CASE = re.compile(r"```python\n(?P<code>.*?)```\n+```text\n(?P<shown>.*?)```\n", re.DOTALL)
NOON = 1_795_262_700.0  # In November 2026, in UTC.
TEXT = "input 8x8x1\nconv 16 3x3 relu -> flatten\ndense 10 softmax\n"


def shown_by(code: str) -> str:
    """What a line of a page shows."""
    things = (card, table, run_card, compare, training, word, checks)
    shown = eval(code, {thing.__name__: thing for thing in things})  # noqa: S307  # The page is our own.
    return "\n".join(line.rstrip() for line in str(shown).splitlines()) + "\n"


def card(text: str) -> Any:
    """The card of a network."""
    plan = make_plan(parse(text), {})
    return NetworkCard("digits", plan, [row.layer.word.text for row in plan.rows], parse_step("compile adam mse"))


def entry(number: int, losses: tuple[float, ...], **facts: Any) -> RunEntry:
    """A run of a minute and a quarter."""
    given = {"started": NOON, "ended": NOON + 75, "outcome": "done", "epochs": len(losses), "text": TEXT, "cell": TEXT, **facts}
    rows = np.array([[index + 1, loss, 1 - loss] for index, loss in enumerate(losses)])
    return with_numbers(RunEntry(name="digits", id=number, compile="compile adam mse accuracy", **given), ["loss", "accuracy"], rows)


def entries() -> list[RunEntry]:
    """Three runs: as it was, with more units, and one that goes on and was stopped."""
    data = {"x": {"kind": "array", "shape": [1437, 8, 8, 1], "dtype": "float32", "hash": "ab"}}
    other = {"x": {**data["x"], "hash": "cd"}}
    return [
        entry(1, (0.9, 0.5), data=data, seed=1),
        entry(2, (0.8, 0.3, 0.4), data=data, seed=2, text=TEXT.replace("16", "32"), settings={"fit": {"batch_size": 64}}),
        entry(3, (0.35,), data=other, seed=2, continues=2, outcome="stopped", epochs=5, facts={LAST_EPOCH: 5, SECONDS_BEFORE: 75.0}),
    ]


def table() -> Any:
    """`%runs`."""
    return RunTable(entries())


def run_card(number: int) -> Any:
    """`%runs 3`."""
    return RunCard(entries()[number - 1], {"best": NOON, "last": NOON})


def compare(*numbers: int) -> Any:
    """`%runs 1 2`."""
    return RunComparison(*(entries()[number - 1] for number in numbers))


def training() -> str:
    """What stands below a training that has ended."""
    history = History()
    for epoch, loss in enumerate((0.9, 0.4, 0.5), 1):
        history.epochs.add(epoch, {"loss": loss, "accuracy": 1 - loss, "val_loss": loss + 0.125})
    return with_table(format_best(history), history)


def word(kind: str, name: str) -> str:
    """Shift-Tab on a word."""
    found = load_vocabulary().find(kind, name)
    assert found is not None
    return describe_word(found, name)


def checks(text: str) -> Any:
    """What an exercise asks for, in a network that is there."""
    try:
        return seqmagic.check(seqmagic.build("input 8x8x1\nflatten\ndense 32 relu\ndense 10 softmax"), text)
    except seqmagic.SeqmagicError as error:
        return error
