"""The class file: what it may say, and what is told of one that says something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqmagic.classroom.class_file import read_class_file
from seqmagic.classroom.current import VARIABLE, find_class_file
from seqmagic.classroom.keys import KEYS
from seqmagic.classroom.rules import FILE_NAME, ClassRules
from seqmagic.errors import SeqmagicError, SeveralErrors

WHOLE = """
# Week 3: small networks, short runs.
language = "en"
seed = 42
data = "tables"
hide = ["compile", "sweep"]

[bounds]
epochs = 50
seconds = 90.5
parameters = "100k"      # about what a digit takes
memory = "1.5 MB"

[lock]
optimizer = "sgd(0.1)"
batch_size = 16

[hints]
ShapeError = "Slide 12 shows how shapes are counted."
"not filled in" = "Ask your neighbour first."
"""


def read(folder: Path, text: str) -> ClassRules:
    file = folder / FILE_NAME
    file.write_text(text, "utf-8")
    return read_class_file(file)


def error_of(folder: Path, text: str) -> SeqmagicError:
    with pytest.raises(SeqmagicError) as caught:
        read(folder, text)
    return caught.value


def test_everything_that_it_may_say_is_read(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    rules = read(tmp_path, WHOLE)
    assert (rules.language, rules.seed, rules.data) == ("en", 42, tmp_path / "tables")
    assert rules.hidden == {"compile", "sweep"}
    assert rules.bounds == {"epochs": 50, "seconds": 90.5, "parameters": 100_000, "memory": 1_500_000}
    assert rules.locked == {"optimizer": "sgd(0.1)", "batch_size": 16}
    assert list(rules.hints) == ["ShapeError", "not filled in"]


def test_an_empty_file_binds_nobody(tmp_path: Path) -> None:
    assert read(tmp_path, "") == ClassRules(tmp_path / FILE_NAME)


def test_each_example_that_an_error_offers_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for table, keys in KEYS.items():
        for key in keys.values():
            read(tmp_path, f"[{table}]\n{key.example}" if table else key.example)


# What stands in the file, the line and the words that the error points at, what it says, and what it says to type.
SLIPS = [
    ("epoch = 5", "epoch", "has no key 'epoch'", ""),
    ("epochs = 5", "epochs", "It belongs under [bounds] or under [lock].", "epochs = 5"),
    ("[bounds]\nepoch = 5", "epoch", "Closest matches: epochs.", "epochs = 5"),
    ("[bounds]\nseed = 5", "seed", "It belongs at the top", "seed = 5"),
    ("[bound]\nepochs = 5", "bound", "Closest matches: bounds", ""),
    ("bounds = 5", "bounds", "is a section, not a value", "[bounds]"),
    ("seed = -1", "-1", "'seed' in seqmagic-class.toml is -1.", "seed = 42"),
    ("seed = true", "true", "is true", "seed = 42"),
    ('seed = "42"', '"42"', "a whole number of at least 0", "seed = 42"),
    ("seed = 42.0   # the answer", "42.0", "a whole number of at least 0", "seed = 42"),
    ('language = "fr"', '"fr"', "a language in which all messages are available: en", 'language = "en"'),
    ('hide = "sweep"', '"sweep"', "a list of network, compile, dashboard, look, runs, sweep", 'hide = ["compile", "sweep"]'),
    ('hide = ["curves"]', '["curves"]', "a list of network", 'hide = ["compile", "sweep"]'),
    ("[bounds]\nepochs = 0", "0", "a whole number of at least 1", "epochs = 50"),
    ('[bounds]\nparameters = "many"', '"many"', "optionally with k or M", 'parameters = "100k"'),
    ('[bounds]\nmemory = "50 Bananas"', '"50 Bananas"', "kB, MB or GB", 'memory = "50 MB"'),
    ("[bounds]\nseconds = nan", "nan", "a number of seconds above 0", "seconds = 120"),
    ("[lock]\nvalidation_split = 1.5", "1.5", "a fraction between 0 and 1", "validation_split = 0.2"),
    ('[lock]\noptimiser = "adam"', "optimiser", "Closest matches: optimizer.", 'optimizer = "adam"'),
    ("bounds.epochs = 0", "0", "a whole number of at least 1", "epochs = 50"),
    (
        "[bounds]\nepochs = 5\n[lock]\nepochs = 9",
        "9",
        "In seqmagic-class.toml, [lock] sets epochs to 9, but [bounds] allows only 5.",
        "epochs = 5",
    ),
    ("[hints]\nShapError = 'see slide 2'", "ShapError", "Closest matches: ShapeError", ""),
    ("[hints]\nShapeError = 2", "2", "'ShapeError' in seqmagic-class.toml is 2.", '"ShapeError" = "Look at slide 12."'),
    ('data = "nowhere"', '"nowhere"', "There is no folder 'nowhere' next to", ""),
    ("language = en", "", "can't be read: Invalid value", 'language = "en"'),
    ("seed: 42", "", "can't be read: Expected '=' after a key", "seed = 42"),
    ("[hints]\nnot filled in = 'ask'", "", "can't be read", ""),
    ("[bounds\nepochs = 3", "", "can't be read: Expected ']'", ""),
    ("seed = 1\nseed = 2", "", "can't be read: Cannot overwrite a value", ""),
]


@pytest.mark.parametrize(("text", "pointed", "found", "instead"), SLIPS, ids=[text for text, *_ in SLIPS])
def test_a_slip_is_pointed_at_and_answered(tmp_path: Path, text: str, pointed: str, found: str, instead: str) -> None:
    error = error_of(tmp_path, text)
    assert found in str(error)
    assert error.instead == instead
    assert error.span is not None
    marked = error.span.source[error.span.column - 1 : error.span.end - 1] or " "
    assert pointed in (marked, "")  # What can't be read at all is pointed at by Python's parser.
    assert FILE_NAME in str(error)


def test_all_slips_are_reported_at_once(tmp_path: Path) -> None:
    error = error_of(tmp_path, "seed = -1\n[bounds]\nepochs = 0\nseconds = 0")
    assert isinstance(error, SeveralErrors)
    assert [one.span.line for one in error.errors if one.span] == [1, 3, 4]


def test_a_file_that_is_none_is_reported_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes(b'# caf\xe9\nlanguage = "en"')
    with pytest.raises(SeqmagicError, match=r"Line 1 of latin\.toml is not UTF-8 text"):
        read_class_file(tmp_path / "latin.toml")
    with pytest.raises(SeqmagicError, match="can't be read"):
        read_class_file(tmp_path)
    with pytest.raises(SeqmagicError, match="No such file"):
        read_class_file(tmp_path / "none.toml")


def test_the_nearest_file_is_found_and_one_that_is_named_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    week = tmp_path / "course" / "week 3"
    week.mkdir(parents=True)
    for place in (tmp_path, tmp_path / "course"):
        (place / FILE_NAME).write_text("")
    assert find_class_file(week) == tmp_path / "course" / FILE_NAME
    assert find_class_file(tmp_path) == tmp_path / FILE_NAME
    monkeypatch.setenv(VARIABLE, str(tmp_path / "hub.toml"))
    assert find_class_file(week) == tmp_path / "hub.toml"
    assert find_class_file(week, "../mine.toml") == week / "../mine.toml"
