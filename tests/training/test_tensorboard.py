"""TensorBoard's files come from Keras's own callback, named on a fit line."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from seqmagic import build, fit
from seqmagic.errors import TrainingError
from seqmagic.language import parse_step
from seqmagic.training.fitting import read_fit

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
