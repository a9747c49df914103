"""Whose run is it: in a folder that several share, one's own is gone on with, and another's only by its number."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest

import seqmagic
from seqmagic.errors import BusyError, LanguageError, UnknownNameError
from seqmagic.language import parse
from seqmagic.ledger.current import keep_runs, name_ledger
from seqmagic.ledger.entry import RunEntry
from seqmagic.ledger.owner import Owner, format_owner, name_owner, owner_here
from seqmagic.recipes.recipe import make_recipe
from tests.support.renewed import renewed

TEXT = "seed 3\ninput 8x8x1\nflatten -> dense 8 relu -> dense 10 softmax\ncompile adam sparse_categorical_crossentropy"
ANA, BEN = "/class/ana.ipynb", "/class/ben.ipynb"
DEAD, LIVING = 0, 1  # Numbers of processes: that of the kernel of the operating system, and that of its first process.


@pytest.fixture(autouse=True)
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    yield keep_runs(tmp_path / "runs.sqlite")
    name_ledger(None)
    name_owner("", "")


def entry(**facts: Any) -> RunEntry:
    return RunEntry(name="digits", **{"process": DEAD, "process_started": 0.0, **facts})


CASES = [
    # Who asks, whose the run is, and whether it is the same.
    (Owner(ANA), {"notebook": ANA}, True),
    (Owner(ANA), {"notebook": BEN}, False),
    (Owner(ANA, user="ana"), {"notebook": ANA, "user": "ben"}, False),
    (Owner(ANA, user="ana"), {"notebook": ANA}, True),
    (Owner(ANA, "kernel-1"), {"notebook": BEN, "kernel": "kernel-1"}, True),  # The notebook was renamed.
    (Owner(ANA, "kernel-1", "ana"), {"notebook": BEN, "kernel": "kernel-1", "user": "ben"}, False),
    (Owner(), {}, True),  # Nothing is known: an older file, or a script.
    (Owner(ANA), {}, True),
    (Owner(user="ana"), {"user": "ana", "kernel": "kernel-2"}, True),
    (Owner(user="ana"), {"user": "ben"}, False),
]


@pytest.mark.parametrize(("owner", "facts", "owns"), CASES)
def test_a_run_is_ones_own_unless_something_says_that_it_is_anothers(owner: Owner, facts: dict[str, Any], *, owns: bool) -> None:
    assert owner.owns(entry(**facts)) is owns


def test_what_trains_in_a_kernel_that_lives_is_that_kernels() -> None:
    import psutil

    other = entry(process=psutil.Process().ppid(), process_started=psutil.Process(psutil.Process().ppid()).create_time())
    assert other.has_living_kernel
    assert not Owner().owns(other)
    assert Owner(ANA).owns(RunEntry(name="digits", notebook=BEN))  # It is this very process.


def test_an_owner_goes_by_the_names_that_people_know() -> None:
    assert format_owner(entry(notebook=r"C:\class\ana.ipynb", user="ana")) == "ana.ipynb, ana"
    assert format_owner(entry()) == ""


def test_the_user_of_a_hub_is_the_hubs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTERHUB_USER", "ana")
    assert owner_here().user == "ana"


def make() -> Any:
    return renewed(make_recipe(parse(TEXT), {}, "digits").model)


def cut_run(digits_data: Any, ledger: Any, notebook: str) -> int:
    """A run of somebody's whose kernel has died since."""
    name_owner(notebook, "")
    run = seqmagic.fit(make(), *digits_data, epochs=1000, batch_size=64)
    while run.record.position < 2:
        time.sleep(0.001)
    run.stop().wait()
    number = ledger.entries()[-1].id
    with sqlite3.connect(ledger.path) as connection:
        connection.execute("UPDATE runs SET facts = json_set(facts, '$.process', 0) WHERE id = ?", (number,))
    return int(number)


def one_more(ledger: Any, number: int) -> int:
    """The epochs of a run that was stopped, and another."""
    return int(ledger.entry(number).position) + 1


def test_resume_takes_ones_own_and_anothers_by_its_number(digits_data: Any, ledger: Any) -> None:
    mine = cut_run(digits_data, ledger, ANA)
    theirs = cut_run(digits_data, ledger, BEN)
    assert theirs == mine + 1
    name_owner(ANA, "")
    run = seqmagic.fit(make(), *digits_data, resume=True, epochs=one_more(ledger, mine))
    assert run.wait().ended
    assert ledger.entries()[-1].continues == mine
    name_owner("/class/zoe.ipynb", "")
    with pytest.raises(LanguageError) as raised:
        seqmagic.fit(make(), *digits_data, resume=True)
    assert str(theirs) in str(raised.value)
    assert "(ben.ipynb" in raised.value.problem
    assert raised.value.instead == f"%fit digits --resume={theirs}"
    assert seqmagic.fit(make(), *digits_data, resume=theirs, epochs=one_more(ledger, theirs)).wait().state == "done"
    assert ledger.entries()[-1].continues == theirs


def test_a_number_that_names_no_run_to_go_on_with_is_reported_in_words(digits_data: Any, ledger: Any) -> None:
    model = make()
    with pytest.raises(UnknownNameError, match="'7'"):
        seqmagic.fit(model, *digits_data, resume=7)
    seqmagic.fit(model, *digits_data, epochs=1).wait()
    with pytest.raises(LanguageError, match="Run 1 has finished"):
        seqmagic.fit(model, *digits_data, resume=1)
    run = seqmagic.fit(model, *digits_data, epochs=1000)
    with pytest.raises(BusyError, match="Run 2 is still running"):
        seqmagic.fit(make(), *digits_data, resume=2)
    run.stop().wait()
    other = seqmagic.build(TEXT.replace("dense 8", "dense 9"))
    with pytest.raises(LanguageError, match="Run 2 belongs to a network with different layers"):
        seqmagic.fit(other, *digits_data, resume=2)
