"""How often a note on curves is wrong, or missing: 200 trainings that go well and 200 that are made to fail, on real and made data.

A note is wrong where data that the training never saw don't bear it out. `python -m tests.analysis.measure_notes [HOW_MANY]`
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
from sklearn import datasets
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

import seqmagic
from seqmagic.analysis.curve_notes import CurveNote, RunFacts, read_curves

CLASSES, YES_NO, AMOUNT = "sparse_categorical_crossentropy accuracy", "binary_crossentropy accuracy", "mse"
BEST_RATE = {"adam": 0.005, "sgd(momentum=0.9)": 0.03}


@dataclass
class Problem:
    """Data in three parts, and a network for it."""

    x: np.ndarray
    y: np.ndarray
    ending: str
    loss: str
    width: int = 32

    def split(self, seed: int, share: float) -> list[np.ndarray]:
        stratify = self.y if self.loss != AMOUNT else None
        x, x_test, y, y_test = train_test_split(self.x, self.y, test_size=0.3, random_state=seed, stratify=stratify)
        if share < 1:
            x, _, y, _ = train_test_split(x, y, train_size=share, random_state=seed, stratify=y if stratify is not None else None)
        x, x_val, y, y_val = train_test_split(x, y, test_size=0.3, random_state=seed)
        return [x, y, x_val, y_val, x_test, y_test]


def scaled(bunch: Any) -> tuple[np.ndarray, np.ndarray]:
    return StandardScaler().fit_transform(bunch.data).astype("float32"), bunch.target


def problems(seed: int) -> dict[str, Problem]:
    digits = datasets.load_digits()
    diabetes, amounts = scaled(datasets.load_diabetes())
    moons, which = datasets.make_moons(900, noise=0.25, random_state=seed)
    made, classes = datasets.make_classification(1200, 12, n_informative=5, n_classes=3, random_state=seed)
    curve = np.random.default_rng(seed).uniform(-2, 2, (1000, 3)).astype("float32")
    amount = np.sin(curve[:, 0]) + curve[:, 1] * curve[:, 2] / 2 + np.random.default_rng(seed).normal(0, 0.2, 1000)
    return {
        "digits": Problem((digits.data / 16).astype("float32"), digits.target, "dense 10 softmax", CLASSES),
        "wine": Problem(*scaled(datasets.load_wine()), "dense 3 softmax", CLASSES, 16),
        "cancer": Problem(*scaled(datasets.load_breast_cancer()), "dense 1 sigmoid", YES_NO, 16),
        "moons": Problem(moons.astype("float32"), which, "dense 1 sigmoid", YES_NO),
        "made": Problem(made.astype("float32"), classes, "dense 3 softmax", CLASSES),
        "diabetes": Problem(diabetes, (amounts - amounts.mean()) / amounts.std(), "dense 1", AMOUNT),
        "curve": Problem(curve, amount.astype("float32"), "dense 1", AMOUNT),
    }


@dataclass
class Trial:
    """One training, and what data that it never saw say of it."""

    kind: str
    notes: list[CurveNote]
    record: Any
    test_loss: np.ndarray
    later_loss: float
    facts: RunFacts
    live: set[str] = field(default_factory=set)  # Kinds that were said at any epoch.


def train(
    kind: str, problem: Problem, seed: int, *, rate: float, optimizer: str, epochs: int, hidden: str, share: float = 1.0, stop: bool = False
) -> Trial:
    x, y, x_val, y_val, x_test, y_test = problem.split(seed, share)
    model = seqmagic.build(f"input {x.shape[1]} -> {hidden} -> {problem.ending}\ncompile {optimizer} {problem.loss}\nseed {seed}")
    model.optimizer.learning_rate = rate
    test: list[float] = []
    watch = keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: test.append(loss_of(model, x_test, y_test)))
    share_of_largest = float(np.bincount(y_val).max() / len(y_val)) if problem.loss != AMOUNT else None
    facts = RunFacts(share_of_largest, "dropout" in hidden, rate, ended=True)
    options: dict[str, Any] = {"patience": 3} if stop else {}
    run = seqmagic.Run(model, x, y, epochs=epochs, validation_data=(x_val, y_val), callbacks=[watch], seed=seed, **options).start()
    try:
        run.wait()
    except seqmagic.SeqmagicError:  # The loss was lost; then there is a message, and no note.
        return Trial(kind, [CurveNote("message", str(run.error))], run.record, np.array(test), np.inf, facts)
    live = set()
    for epoch in range(3, len(run.record.epochs) + 1):
        cut = run.record.copy()
        cut.cut(epoch)
        live |= {note.kind for note in read_curves(cut, RunFacts(share_of_largest, facts.drops, rate, ended=False))}
    trial = Trial(kind, read_curves(run.record, facts), run.record, np.array(test), 0.0, facts, live)
    model.fit(x, y, epochs=max(3, len(test)), verbose=0)
    trial.later_loss = loss_of(model, x_test, y_test)
    return trial


def loss_of(model: keras.Model, x: np.ndarray, y: np.ndarray) -> float:
    """In one batch, which costs a tenth of `evaluate` for data as small as these."""
    model.reset_metrics()
    return float(model.test_on_batch(x, y, return_dict=True)["loss"])


def healthy(count: int) -> Iterator[Trial]:
    for seed in range(count):
        random = np.random.default_rng(seed)
        kind, problem = list(problems(seed).items())[seed % 7]
        optimizer = list(BEST_RATE)[seed % 2]
        rate = BEST_RATE[optimizer] * 10 ** random.uniform(-0.3, 0.1)
        hidden = f"dense {problem.width} relu" + (" -> dropout 0.3" if seed % 3 == 0 else "")
        yield train(kind, problem, seed, rate=rate, optimizer=optimizer, epochs=60, hidden=hidden, stop=True)


def failing(count: int) -> Iterator[Trial]:
    for seed in range(count):
        random = np.random.default_rng(1000 + seed)
        all_problems = problems(seed)
        kind = ("overfitting", "high rate", "low rate", "guessing", "more")[seed % 5]
        name = list(all_problems)[(seed // 5) % 7]
        problem, optimizer = all_problems[name], list(BEST_RATE)[(seed // 5) % 2]
        rate, hidden, options = BEST_RATE[optimizer], f"dense {problem.width} relu", {"epochs": 12}
        if kind == "overfitting":
            problem, hidden, options = (
                all_problems[("digits", "moons", "made", "diabetes", "curve")[(seed // 5) % 5]],
                "dense 256 relu -> dense 256 relu",
                {"epochs": 60, "share": 0.25},
            )
        elif kind == "high rate":
            rate *= 10 ** random.uniform(1.6, 2.2)
        elif kind == "low rate":
            rate *= 10 ** random.uniform(-3, -2.3)
        elif kind == "guessing":
            problem = rare(seed)
        else:
            rate, options = rate / 2, {"epochs": 4}
        yield train(kind, problem, seed, rate=rate, optimizer=optimizer, hidden=hidden, **options)


def rare(seed: int) -> Problem:
    """One class has nearly all rows, and little tells the other from it."""
    random = np.random.default_rng(seed)
    return Problem(random.normal(size=(1200, 8)).astype("float32"), (random.random(1200) < 0.08).astype(int), "dense 1 sigmoid", YES_NO, 8)


def is_borne_out(note: CurveNote, trial: Trial) -> bool:
    """Whether data that the training never saw say the same."""
    test, loss = trial.test_loss, np.array(trial.record.as_dict()["loss"])
    if note.kind == "overfitting":
        return bool(np.median(test[-3:]) > 1.02 * test.min()) and int(test.argmin()) < len(test) - 2
    if note.kind == "high rate":
        return (trial.facts.rate is not None and trial.facts.rate > 0.05) or loss[-1] > loss.min() * 1.05
    if note.kind in ("low rate", "more"):
        return trial.later_loss < test[-1]
    if note.kind == "plateau":
        return trial.later_loss > 0.9 * test[-1]
    if note.kind == "guessing":
        return True  # Its number is the accuracy itself.
    return bool(test[-1] < loss[-1])  # dropout


def main(count: int = 200) -> None:
    for title, trials in (("healthy", list(healthy(count))), ("made to fail", list(failing(count)))):
        said, wrong, missed, of = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
        for trial in trials:
            said.update(note.kind for note in trial.notes)
            wrong.update(note.kind for note in trial.notes if note.kind != "message" and not is_borne_out(note, trial))
            if title != "healthy":
                of[trial.kind] += 1
                kinds = {note.kind for note in trial.notes} | trial.live
                missed[trial.kind] += not kinds & {trial.kind, "message"}
        alarms = sum(any(note.kind in ("overfitting", "high rate", "low rate") for note in trial.notes) for trial in trials)
        sys.stdout.write(f"{title}: {len(trials)} trainings; said {dict(said)}; not borne out {dict(wrong)}; alarms in {alarms}\n")
        for kind, number in of.items():
            sys.stdout.write(f"  {kind}: missed {missed[kind]} of {number}\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
