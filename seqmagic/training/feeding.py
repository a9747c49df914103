"""The feeding: how a run's data reach Keras's `fit`, from rows in memory or by whatever Keras makes of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import GeneratorType
from typing import Any

import keras
import tensorflow as tf

from seqmagic.training.course import Course
from seqmagic.training.data.rows import training_rows, validation_rows
from seqmagic.training.loop import Feed, Loop, Numbers, loop_of
from seqmagic.training.pace import Pace

OF_ROWS = ("batch_size", "shuffle", "sample_weight", "class_weight", "validation_split")
BATCH_HOOKS = ("on_batch_begin", "on_batch_end", "on_train_batch_begin", "on_train_batch_end")


class Feeding:
    """What `fit` is given, and the functions that take its steps.

    model: compiled.
    x, y, options: as `fit` would take them.
    seed: what the order of each epoch is drawn from.

    Data in memory become tensors once, and each batch is gathered inside the graph; `fit` itself then only counts. All else is fed by
    Keras. Where somebody's callback listens to batches, `fit` still counts each of them.
    """

    def __init__(self, model: keras.Model, x: Any, y: Any, options: dict[str, Any], seed: int) -> None:
        self.model = model
        self.loop: Loop | None = loop_of(model)
        self.options = dict(options)
        self.x, self.y = x, y
        self._train: Feed | None = None
        self._test: Feed | None = None
        self._tested = 0
        self._pace = Pace()  # Of the validation.
        if self.loop is not None:
            self._take_rows(seed)
        if hasattr(self.x, "element_spec") or isinstance(self.x, GeneratorType):
            self.options["shuffle"] = False  # Keras can't, and would say so.

    def _take_rows(self, seed: int) -> None:
        options = self.options
        rows = training_rows(self.x, self.y, options, seed)
        share = options.get("validation_split")
        held_out = None if options.get("validation_data") is None else validation_rows(options["validation_data"], options)
        if rows is not None and share and options.get("validation_data") is None:
            rows, held_out = rows.split(share)
        if held_out is not None:
            self._test = Feed(held_out)
            options["validation_data"] = tf.data.Dataset.range(held_out.steps)
            options.pop("validation_batch_size", None)
        if rows is not None:
            self._train = Feed(rows)
            if self._test is None and _is_pair_of_arrays(options.get("validation_data")):
                options.setdefault("validation_batch_size", rows.batch)
            self.x, self.y = tf.data.Dataset.range(rows.steps), None
            for name in OF_ROWS:
                options.pop(name, None)

    @property
    def is_repeatable(self) -> bool:
        """Whether the order of the batches is known, so that a run which was cut can go on in the middle of an epoch."""
        return self._train is not None

    @property
    def steps(self) -> int | None:
        """How many batches an epoch has, where that is known before it is over."""
        return self._train.rows.steps if self._train is not None else _known_steps(self.x, self.options)

    @property
    def reported(self) -> list[str]:
        """The numbers that each epoch will report; nothing while that is not known."""
        names = self.loop.names("train") if self.loop is not None else []
        return [*names, *(f"val_{name}" for name in names if self.validates)]

    @property
    def validates(self) -> bool:
        """Whether there is a validation, after all epochs or some."""
        return self.options.get("validation_data") is not None or bool(self.options.get("validation_split"))

    @contextmanager
    def through(self, course: Course, callbacks: list[Any]) -> Iterator[None]:
        """While this holds, the model's own training and test functions are ours.

        callbacks: somebody's own; when they listen to batches, each is a step of its own to Keras.
        """
        model, before = self.model, (self.model.train_function, self.model.test_function, self.model.steps_per_execution)
        if self.loop is None:
            yield
            return
        if self._train is not None:
            self.loop.trace(model, self._train)  # Optimizer and metrics get their variables, which a run that goes on fills.
        listens = self.options.get("verbose", 0) != 0 or any(map(listens_to_batches, callbacks))
        steps = self.steps
        if not listens and steps is not None:
            model.steps_per_execution = max(steps, self._test.rows.steps if self._test is not None else 1)
        model.train_function, model.test_function = self._train_function(course), self._test_function(course)
        try:
            yield
        finally:
            model.train_function, model.test_function, model.steps_per_execution = before

    def _train_function(self, course: Course) -> Callable[[Any], dict[str, Any]]:
        feed = self._train

        def train(iterator: Any) -> dict[str, Any]:
            if not isinstance(iterator, tf.data.Iterator):
                return self._one_batch("train", iterator)
            here = feed if _only_counts(iterator) else None
            if here is not None:
                here.turn_to(course.epoch)
            return self._work("train", iterator, here, course)

        return train

    def _work(self, kind: str, iterator: Any, feed: Feed | None, course: Course) -> dict[str, Any]:
        """The training steps of one call out of `fit`."""
        limit = self.model.steps_per_execution
        logs: dict[str, Any] = {}
        if feed is not None:
            limit = min(limit, feed.rows.steps - course.step)
        if limit == 0:  # The run was cut after the epoch's last batch.
            logs = {name: float(value) for name, value in self.model.get_metrics_result().items()}
        while limit > 0:
            count = course.allow(limit)
            if count == 0:
                break
            began = time.perf_counter()
            names, rows, bad = self._run(kind, iterator, feed, course.step, count)
            if not len(rows):
                if not logs:
                    raise StopIteration
                break
            limit -= len(rows)
            logs = dict(zip(names, rows[-1].tolist(), strict=True))
            course.end_batches(names, rows, time.perf_counter() - began, bad)
        return logs

    def _test_function(self, course: Course) -> Callable[[Any], dict[str, Any]]:
        def test(iterator: Any) -> dict[str, Any]:
            if not isinstance(iterator, tf.data.Iterator):
                return self._one_batch("test", iterator)
            feed = self._test if _only_counts(iterator) else None
            limit, done = self.model.steps_per_execution, 0
            logs: dict[str, Any] = {}
            if feed is not None:
                self._tested %= feed.rows.steps
                limit = min(limit, feed.rows.steps - self._tested)
            while done < limit and course.allow_tests():
                began = time.perf_counter()
                names, rows, _ = self._run("test", iterator, feed, self._tested, min(limit - done, self._pace.count))
                if not len(rows):
                    break
                done += len(rows)
                self._tested += len(rows)
                self._pace.learn(len(rows), time.perf_counter() - began)
                logs = dict(zip(names, rows[-1].tolist(), strict=True))
            if not done and course.allow_tests():
                raise StopIteration
            return logs

        return test

    def _run(self, kind: str, iterator: Any, feed: Feed | None, first: int, count: int) -> Numbers:
        assert self.loop is not None  # noqa: S101  # Our functions are set only where there is one.
        return self.loop.run_iterator(kind, iterator, count) if feed is None else self.loop.run_rows(kind, feed, first, count)

    def _one_batch(self, kind: str, batches: Iterator[Any]) -> dict[str, Any]:
        """A batch that somebody's callback hands to `train_on_batch` or `test_on_batch`."""
        dataset = tf.data.Dataset.from_tensors(tuple(part for part in next(batches) if part is not None))
        names, rows, _ = self._run(kind, iter(dataset), None, 0, 1)
        return dict(zip(names, rows[-1].tolist(), strict=True))


def _only_counts(iterator: Any) -> bool:
    """Whether an iterator is that of our own counting, and not of data that a callback tests with."""
    spec = iterator.element_spec
    return isinstance(spec, tf.TensorSpec) and spec.shape.rank == 0


def _is_pair_of_arrays(data: Any) -> bool:
    return isinstance(data, (list, tuple)) and bool(data) and not hasattr(data[0], "element_spec")


def _known_steps(x: Any, options: dict[str, Any]) -> int | None:
    """How many batches Keras will make of an epoch."""
    if options.get("steps_per_epoch"):
        return int(options["steps_per_epoch"])
    if hasattr(x, "cardinality"):
        return max(0, int(x.cardinality())) or None
    if isinstance(x, keras.utils.PyDataset):
        return x.num_batches
    return None


def listens_to_batches(callback: Any) -> bool:
    """Whether a callback does something before or after each batch.

    >>> listens_to_batches(keras.callbacks.EarlyStopping()), listens_to_batches(keras.callbacks.LambdaCallback(on_train_batch_end=print))
    (False, True)
    """
    if not isinstance(callback, keras.callbacks.Callback) or isinstance(callback, keras.callbacks.CallbackList):
        return True
    plain = keras.callbacks.Callback
    return any(getattr(type(callback), hook) is not getattr(plain, hook) or hook in vars(callback) for hook in BATCH_HOOKS)
