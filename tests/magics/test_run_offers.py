"""The runs that are kept, where somebody types of them: their numbers, the names of their models, and what they have counted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from seqmagic.editor.editor import Editor
from seqmagic.errors import SeqmagicError
from seqmagic.ledger import current
from seqmagic.ledger.current import name_ledger
from seqmagic.ledger.entry import RunEntry
from seqmagic.ledger.ledger import Ledger
from seqmagic.magics.runs import read_request

NAMES = {"digits": None}


def complete(line: str) -> list[str]:
    found = Editor(lambda: True).complete(line, len(line), NAMES)
    assert found is not None
    return [offer.text for offer in found.offers]


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(current, "_named", None)
    monkeypatch.setattr(current, "_opened", None)
    name_ledger(tmp_path / "runs.sqlite")
    return tmp_path / "runs.sqlite"


def fill(path: Path) -> None:
    ledger = Ledger(path)
    for name, outcome, numbers in (
        ("digits", "done", {"loss": 0.25, "val_accuracy": 0.9}),
        ("prices", "stopped", {"loss": 3.0, "rmse": 1.5}),
        ("digits", "stopped", {"loss": 0.5}),
    ):
        run = ledger.begin(RunEntry(name=name))
        assert run is not None
        ledger.end(run, outcome, numbers)
    ledger.close()


def test_runs_are_offered_with_what_became_of_them_the_newest_first(path: Path) -> None:
    fill(path)
    assert complete("%runs ") == ["digits", "prices", "3", "2", "1", "--best", "--load", "--delete"]
    found = Editor(lambda: True).complete("%runs ", 6, NAMES)
    assert found is not None
    assert [offer.detail for offer in found.offers[:5]] == [
        "model: 2 runs, the newest is 3", "model: run 2", "run: digits, stopped, loss 0.5", "run: prices, stopped, loss 3",
        "run: digits, done, val_accuracy 0.9",
    ]  # fmt: skip
    assert complete("%runs pr") == ["prices"]
    assert complete("%runs --best ") == ["val_accuracy", "loss", "rmse"]
    assert complete("%fit digits --resume=") == ["--resume=3", "--resume=2"]
    assert complete("%fit digits --resume=3") == ["--resume=3"]


# What stands behind %runs, and all that may follow.
NEXT = {
    "3 ": ["2", "1", "--load", "--delete"],
    "3 1 ": ["2", "--delete"],
    "digits ": ["--best"],
    "--best loss ": ["digits", "prices"],
    "digits --best loss ": [],
    "--load again ": ["3", "2", "1"],
    "3 --load again ": [],
    "3 --delete ": ["2", "1"],
    "--delete ": ["3", "2", "1"],
}


@pytest.mark.parametrize("typed", NEXT)
def test_only_what_the_magic_takes_there_is_offered(path: Path, typed: str) -> None:
    fill(path)
    assert complete(f"%runs {typed}") == NEXT[typed]
    for offer in NEXT[typed]:
        word = {"--best": "loss", "--load": "again"}.get(offer, "")
        whole = f"{typed}{offer} {word}"
        read_request(whole if "--delete" not in typed or offer.isdigit() else f"{whole} 3")


@pytest.mark.parametrize("typed", ["3 --best loss", "digits --load again", "digits --delete", "3 1 --load again", "digits 3"])
def test_what_is_not_offered_would_be_refused(typed: str) -> None:
    with pytest.raises(SeqmagicError):
        read_request(typed)


def test_options_of_a_training_that_don_t_go_together_are_not_offered_together() -> None:
    assert complete("%fit digits --resume --") == ["--find-rate"]
    assert complete("%fit digits --resume=3 --") == ["--find-rate"]
    assert complete("%fit digits --anew --") == []
    assert complete("%sequential digits --load") == ["--load"]


def test_to_look_makes_no_file_and_leaves_each_as_it_was(path: Path) -> None:
    assert complete("%runs ") == ["--best", "--load", "--delete"]
    assert complete("%runs --best ") == ["val_accuracy", "val_loss", "accuracy", "loss"]
    assert list(path.parent.iterdir()) == []
    fill(path)
    before = path.read_bytes()
    assert complete("%runs 3 ")[:2] == ["2", "1"]
    assert list(path.parent.iterdir()) == [path]
    assert path.read_bytes() == before


def test_while_another_kernel_writes_its_runs_are_seen(path: Path) -> None:
    fill(path)
    other = Ledger(path)
    assert other.begin(RunEntry(name="new")) == 4
    assert complete("%runs ")[:3] == ["new", "digits", "prices"]
    other.close()


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0" + bytes(100), b"nothing of ours"])
def test_a_file_of_another_kind_has_no_runs_and_stays(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert complete("%runs ") == ["--best", "--load", "--delete"]
    assert path.read_bytes() == content
    assert list(path.parent.iterdir()) == [path]


def test_a_link_is_not_followed(path: Path, tmp_path: Path) -> None:
    fill(tmp_path / "elsewhere.sqlite")
    path.symlink_to(tmp_path / "elsewhere.sqlite")
    assert complete("%runs ") == ["--best", "--load", "--delete"]
