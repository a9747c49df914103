"""What Keras Tuner and Optuna draw in pasted code is searched here: the same values, one for each name."""

from __future__ import annotations

import pytest

from seqmagic.errors import LanguageError
from seqmagic.language import parse, print_program
from seqmagic.language.searched import find_searched


def code_with(value: str) -> str:
    return f"model = keras.Sequential()\nmodel.add(layers.Dense({value}, input_shape=(4,)))"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ('hp.Int("units", 32, 512)', "between(32, 512)"),
        ('hp.Int("units", min_value=32, max_value=512, step=32)', "between(32, 512, 32)"),
        ('hp.Int("units", 32, 512, step=1, default=64)', "between(32, 512)"),
        ('hp.Int("units", 32, 512, sampling="log")', "log(32, 512)"),
        ('hp.Float("units", 1.5, 2.5)', "between(1.5, 2.5)"),
        ('hp.Float("units", 0.0, 0.5, step=0.1)', "between(0.0, 0.5, 0.1)"),
        ('hp.Float("units", 1e-4, 1e-2, sampling="log")', "log(0.0001, 0.01)"),
        ('hp.Choice("units", [16, 32])', "choice(16, 32)"),
        ('hp.Choice("units", values=(16, 32), default=16)', "choice(16, 32)"),
        ('hp.Boolean("units")', "choice(true, false)"),
        ('trial.suggest_int("units", 32, 512)', "between(32, 512)"),
        ('trial.suggest_int("units", 32, 512, log=True)', "log(32, 512)"),
        ('trial.suggest_float("units", 0.1, 0.5, step=0.1)', "between(0.1, 0.5, 0.1)"),
        ('trial.suggest_float("units", 1e-4, 1e-2, log=True)', "log(0.0001, 0.01)"),
        ('trial.suggest_uniform("units", 0.1, 0.5)', "between(0.1, 0.5)"),
        ('trial.suggest_loguniform("units", 1e-4, 1e-2)', "log(0.0001, 0.01)"),
        ('trial.suggest_categorical("units", ["a", "b"])', "choice('a', 'b')"),
    ],
)
def test_a_value_and_what_is_searched(value: str, written: str) -> None:
    assert print_program(parse(code_with(value))) == f"layers.Dense {written} input_shape=(4,)\n"


@pytest.mark.parametrize(
    "value",
    [
        'hp.get("units")',
        "hp.Int(name, 32, 512)",
        'hp.Int("units", 32, top)',
        'hp.Int("units", 32, 512, unknown=3)',
        'hp.Int("units")',
        'hp.Int("units", 32, 512, step=2, sampling="log")',
        'hp.Choice("units", sizes)',
        'other.Int("units", 32, 512)',
    ],
)
def test_what_can_not_be_told_is_left_to_python(value: str) -> None:
    assert find_searched(parse(code_with(value))) == ()


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ('a.add(Dense(hp.Int("n", 4, 8)))\na.add(Dense(hp.Int("n", 4, 8)))', ["Dense"]),
        ('a.add(Dense(hp.Int("n", 4, 8)))\na.add(Dense(hp.Int("m", 4, 8)))', ["Dense", "Dense 2"]),
        ('n = trial.suggest_int("n", 4, 8)\na.add(Dense(n))\na.add(Dense(n))', ["Dense"]),
        ('for i in range(3):\n    a.add(Dense(hp.Int(f"n{i}", 4, 8)))', ["Dense", "Dense 2", "Dense 3"]),
        ('for i in range(3):\n    a.add(Dense(hp.Int("n", 4, 8)))', ["Dense"]),
        ('a.add(Dense(3))\na.compile(optimizer=Adam(hp.Float("rate", 1e-4, 1e-2, sampling="log")), loss="mse")', ["Adam"]),
    ],
)
def test_one_name_is_one_value(code: str, names: list[str]) -> None:
    text = f"a = Sequential()\na.add(Input((4,)))\n{code}"
    assert [one.name for one in find_searched(parse(text))] == names
    body = "".join(f"    {line}\n" for line in text.split("\n"))
    for parameter in ("hp", "trial"):
        assert [one.name for one in find_searched(parse(f"def build({parameter}):\n{body}    return a"))] == names


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ('for i in range(hp.Int("layers", 1, 3)):\n    a.add(Dense(4))', r"How many layers .* between\(1, 3\)"),
        ('if hp.Boolean("more"):\n    a.add(Dense(4))', r"Whether these layers .* choice\(dropout 0.25, none\)"),
        ('if trial.suggest_int("more", 0, 1) == 1:\n    a.add(Dense(4))', "Whether these layers"),
    ],
)
def test_layers_that_depend_on_a_drawn_value_are_refused(statement: str, words: str) -> None:
    with pytest.raises(LanguageError) as caught:
        parse(f"a = Sequential()\na.add(Input((4,)))\n{statement}")
    assert caught.match("(?s)" + words)
