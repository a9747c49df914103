"""Real trainings on real and made data, of which half go well and half are made to fail, for `measure_notes` to judge the notes by.

`python -m tests.analysis.note_trials FILE [HOW_MANY]` records them, which takes about 40 minutes of CPU time for 200 of each: everything that
the notes and their judge need, so that the rules can be changed without training again.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from sklearn import datasets
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

import seqmagic
from seqmagic.history import History

CLASSES, YES_NO, AMOUNT = "sparse_categorical_crossentropy accuracy", "binary_crossentropy accuracy", "mse"
BEST_RATE = {"adam": 0.005, "sgd(momentum=0.9)": 0.03}
BATCH = 32  # Keras's own.
MOST_LATER = 20  # Epochs after the end of a training.
OTHER_RATES = (0.1, 1 / 3, 10.0)  # What the notes advise, as multiples of the rate.


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
    """One training, and what data that it never saw say of it.

    Attributes:
        kind: what it was made to show; for those that go well, the problem.
        healthy: whether it was made to go well.
        epochs: the columns of its record, one row per epoch.
        batches: the loss of each batch, epoch by epoch.
        lost: whether the loss was lost, which ends a run with a message.
        largest_class: the share of it.
        test: the loss on unseen data, before the first epoch and after each.
        clean: the loss on the training data without dropout, likewise.
        later: `loss`, `test` and `clean` of some epochs more.
        at_rates: the training loss after each epoch from the same first weights, at a multiple of the rate.
    """

    kind: str
    seed: int
    healthy: bool
    epochs: dict[str, list[float]]
    batches: list[list[float]]
    lost: bool
    largest_class: float | None
    drops: bool
    rate: float
    test: list[float]
    clean: list[float]
    later: dict[str, list[float]]
    at_rates: dict[str, list[float]]

    @property
    def record(self) -> History:
        """The training's curves, as the notes get them."""
        history = History()
        for place in range(len(self.epochs["loss"])):
            losses = self.batches[place]
            for batch, mean in enumerate(np.cumsum(losses) / np.arange(1, len(losses) + 1), 1):
                history.batches.add(place + batch / len(losses), {"loss": mean})
            history.add_epoch(place + 1.0, {name: column[place] for name, column in self.epochs.items()})
        return history


class Loop:
    """Trains a model in the batches of Keras's `fit`, and looks at other data after each epoch: a tenth of the cost for data as small as these.

    Args:
        text: of the network, with a compile line.
        parts: the data in three parts.
    """

    def __init__(self, text: str, parts: list[np.ndarray], seed: int) -> None:
        self.model, self.take_epoch, self.look = compiled(text)
        kind = "int32" if "sparse" in text else "float32"
        self.parts = [tf.constant(part, "float32" if place % 2 == 0 else kind) for place, part in enumerate(parts)]
        self.first = first_weights(self.model, seed)
        self.random, self.batches = np.random.default_rng(seed), list[list[float]]()

    def begin(self, rate: float) -> None:
        """Put the first weights in, and forget what the optimizer knew."""
        self.model.set_weights(self.first)
        for variable in self.model.optimizer.variables:
            variable.assign(np.zeros(variable.shape))
        self.model.optimizer.learning_rate = rate

    def train(self, epochs: int, patience: int | None = None, *, shuffle: bool = True) -> dict[str, list[float]]:
        """The curves, and `clean`, `test` on their first and third part."""
        x, y, x_val, y_val, x_test, y_test = self.parts
        rows: list[dict[str, float]] = []
        while len(rows) < epochs:
            order = self.random.permutation(len(x)) if shuffle else np.arange(len(x))
            batches, loss, accuracy = self.take_epoch(x, y, tf.constant(order))
            self.batches.append([round(value, 6) for value in batches.numpy().tolist()])
            row = {"loss": loss, "accuracy": accuracy}
            row |= dict(zip(("val_loss", "val_accuracy"), self.look(x_val, y_val), strict=True))
            row |= {"clean": self.look(x, y)[0], "test": self.look(x_test, y_test)[0]}
            rows.append({name: float(value) for name, value in row.items()})
            judged = [row["val_loss"] for row in rows]
            if not np.isfinite(rows[-1]["loss"]) or (patience and len(rows) - 1 - int(np.argmin(judged)) >= patience):
                break
        return {name: [row[name] for row in rows] for name in rows[0]}


@cache
def compiled(text: str) -> tuple[keras.Model, Any, Any]:
    """A model, an epoch of its training, and a look at other data: loss and accuracy (for amounts, a number without a meaning)."""
    model = seqmagic.build(text)
    model.optimizer.build(model.trainable_variables)
    measure = keras.metrics.binary_accuracy if "binary" in text else keras.metrics.sparse_categorical_accuracy

    def judge(y: Any, predicted: Any) -> Any:
        return keras.ops.mean(measure(keras.ops.reshape(y, (-1, 1)), predicted))

    @tf.function(reduce_retracing=True)
    def take_epoch(x: Any, y: Any, order: Any) -> tuple[Any, Any, Any]:
        loss, accuracy, count = tf.constant(0.0), tf.constant(0.0), tf.shape(x)[0]
        losses = tf.TensorArray("float32", 0, dynamic_size=True)
        for start in tf.range(0, count, BATCH):
            rows = order[start : start + BATCH]
            inputs, targets, share = tf.gather(x, rows), tf.gather(y, rows), tf.cast(tf.size(rows) / count, "float32")
            with tf.GradientTape() as tape:
                predicted = model(inputs, training=True)
                lost = model.compute_loss(x=inputs, y=targets, y_pred=predicted)
            model.optimizer.apply(tape.gradient(lost, model.trainable_variables), model.trainable_variables)
            loss, accuracy = loss + share * lost, accuracy + share * judge(targets, predicted)
            losses = losses.write(start // BATCH, lost)
        return losses.stack(), loss, accuracy

    @tf.function(reduce_retracing=True)
    def look(x: Any, y: Any) -> tuple[Any, Any]:
        predicted = model(x, training=False)
        return model.compute_loss(x=x, y=y, y_pred=predicted), judge(y, predicted)

    return model, take_epoch, look


def first_weights(model: keras.Model, seed: int) -> list[np.ndarray]:
    """As Keras draws them for dense layers."""
    shapes = [weight.shape for weight in model.get_weights()]
    kernel = keras.initializers.GlorotUniform
    return [np.asarray(kernel(seed * 100 + place)(shape)) if len(shape) > 1 else np.zeros(shape) for place, shape in enumerate(shapes)]


def train(
    kind: str, problem: Problem, seed: int, *, rate: float, optimizer: str, epochs: int, hidden: str, share: float = 1.0, stop: bool = False
) -> Trial:
    parts = problem.split(seed, share)
    loop = Loop(f"input {parts[0].shape[1]} -> {hidden} -> {problem.ending}\ncompile {optimizer} {problem.loss}", parts, seed)
    loop.begin(rate)
    before = {"clean": float(loop.look(*loop.parts[:2])[0]), "test": float(loop.look(*loop.parts[4:])[0])}
    found = loop.train(epochs, patience=3 if stop else None)
    lost, batches = not np.isfinite(found["loss"]).all(), loop.batches[:]
    later = {} if lost else loop.train(max(3, min(len(found["loss"]), MOST_LATER)))
    at_rates = {}
    for times in OTHER_RATES if epochs <= 12 else ():
        loop.begin(rate * times)
        at_rates[f"{times:.3g}"] = loop.train(epochs)["loss"]
    columns = ("loss", "val_loss") if problem.loss == AMOUNT else ("loss", "accuracy", "val_loss", "val_accuracy")
    return Trial(
        kind=kind,
        seed=seed,
        healthy=stop,
        epochs={name: found[name] for name in columns},
        batches=batches,
        lost=lost,
        largest_class=float(np.bincount(parts[3]).max() / len(parts[3])) if problem.loss != AMOUNT else None,
        drops="dropout" in hidden,
        rate=rate,
        test=[before["test"], *found["test"]],
        clean=[before["clean"], *found["clean"]],
        later={name: later[name] for name in ("loss", "clean", "test") if later},
        at_rates=at_rates,
    )


def healthy(seeds: list[int]) -> Iterator[Trial]:
    for seed in seeds:
        random = np.random.default_rng(seed)
        kind, problem = list(problems(seed).items())[seed % 7]
        optimizer = list(BEST_RATE)[seed % 2]
        rate = BEST_RATE[optimizer] * 10 ** random.uniform(-0.3, 0.1)
        hidden = f"dense {problem.width} relu" + (" -> dropout 0.3" if seed % 3 == 0 else "")
        yield train(kind, problem, seed, rate=rate, optimizer=optimizer, epochs=60, hidden=hidden, stop=True)


def failing(seeds: list[int]) -> Iterator[Trial]:
    for seed in seeds:
        random = np.random.default_rng(1000 + seed)
        all_problems = problems(seed)
        kind = ("overfitting", "high rate", "low rate", "guessing", "more")[seed % 5]
        name = list(all_problems)[(seed // 5) % 7]
        problem, optimizer = all_problems[name], list(BEST_RATE)[(seed // 5) % 2]
        rate, hidden = BEST_RATE[optimizer], f"dense {problem.width} relu"
        options: dict[str, Any] = {"epochs": 12}
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


def half_of(seed: int) -> int:
    """Which half a seed is in: 0, on which the rules were found, or 1, on which they were checked. Both have the same kinds and optimizers."""
    return seed // 2 % 2


def recorded(path: Path) -> list[Trial]:
    return [Trial(**json.loads(line)) for line in path.read_text().splitlines()]


def main(path: str, count: str = "200", halves: str = "01") -> None:
    with Path(path).open("w") as file:
        for half in map(int, halves):
            for trials in (healthy, failing):
                for trial in trials([seed for seed in range(int(count)) if half_of(seed) == half]):
                    file.write(json.dumps(asdict(trial)) + "\n")
                    file.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
