"""`%fit ... --find-rate`: the curve, the rate to try, and a model that is as it was."""

from __future__ import annotations

from tests.support.kernel import Kernel

CHECK = "all((a == b).all() for a, b in zip(before, digits.get_weights())) and float(digits.optimizer.learning_rate)"


def test_the_curve_is_shown_and_the_model_is_as_it_was(digits: Kernel) -> None:
    digits.run("before = [w.copy() for w in digits.get_weights()]")
    outcome = digits.run("%fit digits x y validation_split=0.2 --find-rate")
    assert outcome.status == "ok"
    assert "Type: digits.optimizer.learning_rate = 0.0" in outcome.text
    assert digits.value(CHECK) == "0.0010000000474974513"
    typed = next(line for line in outcome.text.splitlines() if line.startswith("Type: "))
    assert digits.run(typed.removeprefix("Type: ").partition("   ")[0]).status == "ok"
    assert digits.run("%fit digits x y epochs=1").status == "ok"


def test_what_is_wrong_is_said_at_the_line(digits: Kernel) -> None:
    outcome = digits.run("%fit digits x y[:5] --find-rate")
    assert outcome.status == "error"
    assert digits.run("%fit digits x z --find-rate").status == "error"
    for option in ("on=local", "workers=2", "mixed_float16"):
        outcome = digits.run(f"%fit digits x y {option} --find-rate")
        assert outcome.status == "error"
        assert "The learning rate search runs in" in outcome.text, option
    outcome = digits.run("%fit digits x y --find-rat")
    assert outcome.status == "error"
