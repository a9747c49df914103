"""A model tells itself in the fewest words; what can't be said is a gap with its reason, in the text and in the code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import seqmagic
from seqmagic.describe.configs import fingerprint
from seqmagic.describe.plan_of_model import survey
from seqmagic.errors import FileError, LanguageError, UnknownNameError
from seqmagic.language import parse_step
from seqmagic.network.seq_file import SAVED


def wave(x: Any) -> Any:
    return keras.ops.sin(x)


def mean_pred(y_true: Any, y_pred: Any) -> Any:
    return keras.ops.mean(y_pred)


class Double(layers.Layer):
    def call(self, x: Any) -> Any:
        return 2 * x


NAMES = {"wave": wave, "mean_pred": mean_pred, "Double": Double}


def conv(filters: int) -> layers.Layer:
    return layers.Conv2D(filters, (3, 3), activation="relu", padding="same")


MODELS = {
    "input 32x32x3\n(conv 16 3x3 relu same * 2 -> maxpool) * 2\nflatten\nhead: dense 10 softmax\n": lambda: [
        keras.Input((32, 32, 3)), conv(16), conv(16), layers.MaxPooling2D(), conv(16), conv(16), layers.MaxPooling2D(),
        layers.Flatten(), layers.Dense(10, "softmax", name="head"),
    ],
    "input ?x16 batch=4\nbidirectional lstm 8 return_sequences\nbidirectional lstm(8) merge_mode=sum\ndense 1 sigmoid use_bias=false kernel_regularizer=l2(0.02)\n": lambda: [
        keras.Input((None, 16), batch_size=4), layers.Bidirectional(layers.LSTM(8, return_sequences=True)),
        layers.Bidirectional(layers.LSTM(8), merge_mode="sum"), layers.Dense(1, "sigmoid", use_bias=False, kernel_regularizer=keras.regularizers.L2(0.02)),
    ],
    "embedding 100 8\nconv1d 4 3\nglobal_average_pooling1d\ndense 3\n": lambda: [
        layers.Embedding(100, 8), layers.Conv1D(4, 3), layers.GlobalAveragePooling1D(), layers.Dense(3),
    ],
    "input 10x8\nrnn [gru_cell(3), lstm_cell(4)] return_sequences\ntime_distributed dense 3\nsequential(dense 3 -> flatten)\nsequential [relu]\n": lambda: [
        keras.Input((10, 8)), layers.RNN([layers.GRUCell(3), layers.LSTMCell(4)], return_sequences=True), layers.TimeDistributed(layers.Dense(3)),
        keras.Sequential([layers.Dense(3), layers.Flatten()]), keras.Sequential([layers.ReLU()]),
    ],
    "input 6x6x2\nzeropadding (1x2, 3x4)\nmaxpool strides=1\nmaxpool 3\nconv 3 1x2 strides=2\nbatchnorm\n": lambda: [
        keras.Input((6, 6, 2)), layers.ZeroPadding2D(((1, 2), (3, 4))), layers.MaxPooling2D(strides=1), layers.MaxPooling2D(3),
        layers.Conv2D(3, (1, 2), strides=2), layers.BatchNormalization(),
    ],
    "# Layer 2 is frozen, and weights are in no text: give the new model those of this one, with set_weights, before it trains.\n"
    "input 4 dtype=int32\ndense 3 wave dtype=float16\ndense 3 gelu trainable=false name='my-layer'\nDouble\n": lambda: [
        keras.Input((4,), dtype="int32"), layers.Dense(3, activation=wave, dtype="float16"),
        layers.Dense(3, activation=keras.activations.gelu, name="my-layer", trainable=False), Double(),
    ],
    "normalization mean=[1.0, 2.0] variance=[1.0, 3.0]\nstring_lookup vocabulary=['a', 'b c']\n": lambda: [
        layers.Normalization(mean=[1.0, 2.0], variance=[1.0, 3.0]), layers.StringLookup(vocabulary=["a", "b c"]),
    ],
}  # fmt: skip


@pytest.mark.parametrize("text", MODELS)
def test_the_text_of_a_model_gives_it_back(text: str) -> None:
    model = keras.Sequential(MODELS[text]())
    assert seqmagic.to_text(model, NAMES) == text
    again = seqmagic.build(text, NAMES)
    assert fingerprint(again.get_config()["layers"]) == fingerprint(model.get_config()["layers"])


@pytest.mark.parametrize(
    "line",
    [
        "compile adam mse",
        "compile sgd(0.05, momentum=0.9) sparse_categorical_crossentropy accuracy",
        "compile sgd(exponential_decay(0.1, 100, 0.9)) binary_crossentropy(label_smoothing=0.1) auc() auc(num_thresholds=3)",
        "compile adam mean_squared_error() mae mean_pred steps_per_execution=4",
        "compile rmsprop metrics=(mae,)",
    ],
)
def test_a_compiled_model_has_its_compile_line(line: str) -> None:
    model = seqmagic.build(f"input 3\ndense 2 sigmoid\n{line}", NAMES)
    assert seqmagic.to_text(model, NAMES) == f"input 3\ndense 2 sigmoid\n\n{line}\n"
    twin = run(seqmagic.to_python(model, NAMES))
    assert fingerprint(twin.get_compile_config()) == fingerprint(model.get_compile_config())


def run(code: str) -> Any:
    space: dict[str, Any] = dict(NAMES)
    exec(code, space)  # noqa: S102  # It is our own, and it is what the test is about.
    return space["model"]


def test_the_code_reads_as_a_course_would_write_it_and_runs() -> None:
    text = "input 8x8x1\nconv 16 3x3 relu same -> maxpool 2\nflatten -> dropout 0.3\nhead: dense 10 softmax\ncompile adam(1e-3) sparse_categorical_crossentropy accuracy"
    model = seqmagic.build(text)
    x, y = np.zeros((8, 8, 8, 1)), np.zeros(8)
    fit = parse_step("fit x y epochs=2 batch_size=4 verbose=0 class_weight={0: 1.0} callbacks=early_stopping(monitor=loss)")
    code = seqmagic.to_python(model, fit=fit, seed=42)
    assert code == GOOD_CODE
    space = {"x": x, "y": y}
    exec(code, space)  # noqa: S102  # It is our own, and it is what the test is about.
    assert space["model"].layers[-1].name == "head"  # type: ignore[attr-defined]


GOOD_CODE = """import keras
from keras import layers

keras.utils.set_random_seed(42)

model = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        layers.Conv2D(16, (3, 3), padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dropout(0.3),
        layers.Dense(10, activation="softmax", name="head"),
    ],
)

model.compile(
    optimizer="adam",
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)

model.fit(x, y, epochs=2, batch_size=4, verbose=0, class_weight={0: 1.0}, callbacks=[keras.callbacks.EarlyStopping(monitor="loss")])
"""


def closure() -> Any:
    factor = 3

    def scaled(x: Any) -> Any:
        return factor * x

    return scaled


class Odd(layers.Layer):
    def __init__(self, thing: object) -> None:
        super().__init__()
        self.thing = thing


@pytest.mark.parametrize(
    ("layer", "reason"),
    [
        (lambda: layers.Lambda(lambda x: x + 1), "a Python function without a name (lambda)"),
        (lambda: layers.Dense(3, activation=lambda x: x), "a Python function without a name (lambda)"),
        (lambda: layers.Dense(3, activation=closure()), "the function scaled was made inside another one (a closure)"),
        (lambda: Odd(object()), "Odd has no get_config that tells how it was made"),
        (lambda: keras.Model(i := keras.Input((3,)), layers.Dense(3)(i)), "is a model that is not a sequence"),
    ],
)
def test_what_the_language_has_no_words_for_is_a_gap_with_its_reason(layer: Any, reason: str) -> None:
    model = keras.Sequential([layers.Flatten(), layer(), layers.ReLU()])
    text = seqmagic.to_text(model)
    assert text.startswith("# Gap in layer 2")
    assert reason in text.splitlines()[0]
    assert "{...}" in text
    code = seqmagic.to_python(model)
    assert f"{reason}\n" in code
    assert "..." in code
    with pytest.raises(LanguageError, match="Something is missing here"):
        seqmagic.build(text)


def test_what_has_a_name_in_the_notebook_is_described_by_it() -> None:
    base = keras.Model(i := keras.Input((3,)), layers.Dense(3)(i))
    scaled = closure()
    names = {"base": base, "scaled": scaled}
    model = keras.Sequential([keras.Input((3,)), base, layers.Dense(2, activation=scaled), layers.Lambda(scaled)])
    assert seqmagic.to_text(model, names) == "input 3\nbase\ndense 2 scaled\nlambda scaled\n"
    assert seqmagic.build(seqmagic.to_text(model, names), names).layers[0] is base


def test_a_model_out_of_a_file_has_its_text(tmp_path: Path) -> None:
    text = "input 6x6x1\nconv 4 3x3 relu -> maxpool 2\nflatten -> dense 3 softmax\ncompile sgd(0.1, momentum=0.9) mse mae"
    model = seqmagic.build(text)
    model.save(tmp_path / "net.keras")
    assert seqmagic.to_text(keras.saving.load_model(tmp_path / "net.keras")) == seqmagic.to_text(model)


def test_describing_a_model_leaves_no_trace_in_the_notebook() -> None:
    model = seqmagic.build("input 6\ndense 4 relu -> dropout 0.5 -> dense 3")
    before = layers.Dense(1).name
    seqmagic.to_text(model)
    seqmagic.to_python(model)
    survey(model)
    assert int(layers.Dense(1).name.rpartition("_")[2]) == int(before.rpartition("_")[2]) + 1


def test_a_text_goes_to_a_file_and_comes_back(tmp_path: Path) -> None:
    model = seqmagic.build("input 6\ndense 4 relu * 2\ncompile adam mse")
    path = seqmagic.save(model, tmp_path / "net")
    assert path.name == "net.seq"
    assert path.read_text("utf-8") == SAVED + "input 6\ndense 4 relu * 2\n\ncompile adam mse\n"
    assert [file.name for file in tmp_path.iterdir()] == ["net.seq"]
    assert seqmagic.load(path).compiled
    (tmp_path / "fits.seq").write_text("input 2 -> dense 1\ncompile adam mse\nfit x y", "utf-8")
    assert seqmagic.load(tmp_path / "fits").output_shape == (None, 1)


@pytest.mark.parametrize("name", ["net.py", "nowhere/net.seq", ".seq/.."])
def test_no_other_file_is_written(tmp_path: Path, name: str) -> None:
    model = seqmagic.build("input 6 -> dense 4")
    with pytest.raises(FileError):
        seqmagic.save(model, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_network_is_refused(tmp_path: Path) -> None:
    (tmp_path / "binary.seq").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "long.seq").write_bytes(b" " * 2_000_000)
    (tmp_path / "folder.seq").mkdir()
    (tmp_path / "python.seq").write_text("input 3\ndense {__import__('os').getpid()}", "utf-8")
    (tmp_path / "own.seq").write_text("input 3\nDouble", "utf-8")
    for name, kind in [
        ("binary", FileError),
        ("long", FileError),
        ("folder", FileError),
        ("missing", FileError),
        ("python", LanguageError),
    ]:
        with pytest.raises(kind):
            seqmagic.load(tmp_path / f"{name}.seq")
    with pytest.raises(UnknownNameError, match="can't use variables of the notebook"):
        seqmagic.load(tmp_path / "own.seq")
