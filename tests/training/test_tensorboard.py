"""TensorBoard's files come from Keras's own callback, named on a fit line."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqmagic import build, fit
from seqmagic.errors import TrainingError
from seqmagic.language import parse_step
from seqmagic.options.fit_line import read_fit

DATA = {"x": np.random.default_rng(0).random((64, 4)), "y": np.zeros((64, 2))}


def train(folder: Path) -> None:
    model = build("input 4 -> dense 2\ncompile adam mse mae")
    fit(
        model, **DATA, **read_fit(parse_step(f"fit x y epochs=2 validation_split=0.25 callbacks=tensorboard('{folder}')"), DATA).options
    ).wait()


@pytest.mark.skipif(find_spec("tensorboard") is None, reason="TensorBoard is not installed.")
def test_a_fit_line_writes_event_files_that_tensorboard_reads(tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    train(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["train", "validation"]
    events = EventAccumulator(str(tmp_path / "validation")).Reload()
    assert {"epoch_loss", "epoch_mae"} < set(events.Tags()["tensors"])
    assert [event.step for event in events.Tensors("epoch_loss")] == [0, 1]


@pytest.mark.skipif(find_spec("tensorboard") is not None, reason="TensorBoard is installed.")
def test_without_the_package_it_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="%pip install tensorboard"):
        train(tmp_path)


class Writes(keras.layers.Layer):
    """Writes a summary of its own at each batch."""

    def call(self, x: Any) -> Any:
        tf.summary.scalar("mean_x", tf.reduce_mean(x))
        return x


def summaries(folder: Path) -> list[tuple[str, int, float]]:
    """What a layer wrote: of training or validation, in which step, and the number."""
    found = []
    for path in folder.rglob("events*"):
        for record in tf.data.TFRecordDataset(str(path)):
            event = tf.compat.v1.Event.FromString(record.numpy())
            found += [
                (path.parent.name, event.step, float(tf.make_ndarray(value.tensor)))
                for value in event.summary.value
                if value.tag.endswith("/mean_x")
            ]
    return sorted(found)


@pytest.mark.skipif(find_spec("tensorboard") is None, reason="TensorBoard is not installed.")
def test_summaries_of_a_layer_are_written_as_under_keras(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(12, 4)).astype("float32")
    options = {"batch_size": 4, "shuffle": False, "validation_data": (x, x)}

    def made() -> keras.Model:
        model = keras.Sequential([keras.Input((4,)), Writes()])
        model.compile("sgd", "mse")
        return model

    def board(name: str) -> keras.callbacks.TensorBoard:
        return keras.callbacks.TensorBoard(str(tmp_path / name), update_freq="batch")

    made().fit(x, x, callbacks=[board("theirs")], verbose=0, **options)
    run = fit(made(), x, x, callbacks=[board("ours")], **options).wait()
    run.more(epochs=1, callbacks=[board("again")]).wait()
    assert len(summaries(tmp_path / "theirs")) > 0
    assert summaries(tmp_path / "ours") == summaries(tmp_path / "theirs") == summaries(tmp_path / "again")
