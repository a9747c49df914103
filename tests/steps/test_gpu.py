"""Graphics processors, of which tests have none: what TensorFlow is asked for, and precision, which needs none."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest

import seqmagic
from seqmagic.errors import SeqmagicError
from seqmagic.keras_internals.precision import scales_losses
from seqmagic.language import parse_step
from seqmagic.options.fit_line import read_fit
from seqmagic.steps import gpu
from seqmagic.training.run import Run

rng = np.random.default_rng(4)
X, Y = rng.normal(size=(64, 6)).astype("float32"), rng.integers(0, 3, 64)
NETWORK = "seed 1\ninput 6 -> rescaling 0.5 -> dense 16 relu -> batchnorm -> dense 3 softmax\ncompile adam(1e-2) sparse_categorical_crossentropy accuracy"


class Asked:
    """TensorFlow's settings of devices, which note what they are asked for."""

    def __init__(self, *gpus: str, parts: Any = None, raises: bool = False) -> None:
        self.gpus, self.parts, self.raises = gpus, parts, raises
        self.grown: list[str] = []
        self.experimental = SimpleNamespace(set_memory_growth=self._grow)

    def list_physical_devices(self, kind: str) -> list[str]:
        assert kind == "GPU"
        return list(self.gpus)

    def get_logical_device_configuration(self, gpu: str) -> Any:
        return self.parts

    def _grow(self, gpu: str, *, enable: bool) -> None:
        if self.raises:
            raise RuntimeError("Physical devices cannot be modified after being initialized")
        assert enable
        self.grown.append(gpu)


@pytest.mark.parametrize(
    ("asked", "grown", "answer"),
    [(Asked(), [], True), (Asked("0", "1"), ["0", "1"], True), (Asked("0", parts=[1]), [], True), (Asked("0", raises=True), [], False)],
)
def test_memory_is_taken_as_it_is_needed(asked: Asked, grown: list[str], answer: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TF_FORCE_GPU_ALLOW_GROWTH", raising=False)
    monkeypatch.setattr(gpu, "tf", SimpleNamespace(config=asked))
    assert gpu.grow_memory() is answer
    assert asked.grown == grown


def test_what_somebody_has_said_of_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked("0")
    monkeypatch.setenv("TF_FORCE_GPU_ALLOW_GROWTH", "false")
    monkeypatch.setattr(gpu, "tf", SimpleNamespace(config=asked))
    assert gpu.grow_memory()
    assert asked.grown == []


def test_the_word_on_the_line() -> None:
    names = {"x": X, "y": Y}
    assert read_fit(parse_step("fit x y epochs=2 mixed_float16"), names).options == {"epochs": 2, "dtype_policy": "mixed_float16"}
    with pytest.raises(SeqmagicError, match=r"(?s)dtype_policy is 'float16'.*\nType instead: dtype_policy=\"mixed_float16\""):
        Run(seqmagic.build(NETWORK), X, Y, dtype_policy="float16")


def policies(model: keras.Model) -> list[str]:
    return [layer.dtype_policy.name for layer in model.layers]


def test_a_model_trains_in_float16_and_comes_back() -> None:
    model, plain = seqmagic.build(NETWORK), seqmagic.build(NETWORK)
    reference = seqmagic.fit(plain, X, Y, epochs=4, seed=2).wait().history["loss"]
    run = seqmagic.fit(model, X, Y, epochs=3, seed=2, dtype_policy="mixed_float16").wait()
    assert policies(model) == ["float32", "mixed_float16", "mixed_float16", "float32"]
    assert scales_losses(model.optimizer)
    assert {weight.dtype for weight in model.weights} == {"float32"}
    assert run.plan[0].startswith("From now on the layers compute in float16")
    assert run.history["loss"] == pytest.approx(reference[:3], rel=0.02)
    assert run.history["loss"] != reference[:3]  # It was another arithmetic.
    assert model.predict(X, verbose=0).dtype == np.float32
    back = run.more(epochs=1, dtype_policy="float32").wait()
    assert policies(model) == ["float32"] * 4
    assert not scales_losses(model.optimizer)
    assert back.history["loss"][-1] == pytest.approx(reference[3], rel=0.02)


def test_a_run_in_float16_that_was_stopped_goes_on_exactly() -> None:
    whole, cut = seqmagic.build(NETWORK), seqmagic.build(NETWORK)
    options: dict[str, Any] = {"epochs": 4, "batch_size": 16, "seed": 2, "dtype_policy": "mixed_float16"}
    wanted = seqmagic.fit(whole, X, Y, **options).wait()
    run = Run(cut, X, Y, **options)
    for _ in range(6):
        run.step_batch()
        assert run.wait_quietly()
    run.stop().wait()
    resumed = seqmagic.fit(cut, X, Y, resume=True).wait()
    assert resumed.history == wanted.history
    assert all(np.array_equal(*pair) for pair in zip(cut.get_weights(), whole.get_weights(), strict=True))
