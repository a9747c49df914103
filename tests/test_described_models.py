"""What Keras's own configs leave out, learned states, functions of libraries, all digits: told, or a gap that says what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import seqmagic
from seqmagic.describe.configs import fingerprint_of
from seqmagic.describe.plan_of_model import survey
from seqmagic.describe.source import call_model, name_of_model
from seqmagic.describe.to_text import to_program
from seqmagic.errors import ShapeError
from seqmagic.language import parse, parse_step
from seqmagic.ledger.current import current_ledger, name_ledger
from seqmagic.ledger.describe import describe_run, fit_line
from seqmagic.ledger.diff import few_words
from seqmagic.network.append import extend
from seqmagic.recipes.reload import model_of
from seqmagic.widgets.network_card import NetworkCard

ROWS = np.random.default_rng(0).normal(3.0, 2.0, (40, 3)).astype("float32")


def model_with(*parts: Any, shape: tuple[Any, ...] = (3,), **options: Any) -> keras.Sequential:
    model = keras.Sequential([keras.Input(shape), *parts])
    if options:
        model.compile(**options)
    return model


def body(model: keras.Sequential, names: dict[str, Any] | None = None) -> str:
    """A model's text without its input line."""
    return "".join(line for line in seqmagic.to_text(model, names).splitlines(keepends=True) if not line.startswith("input "))


def alike(model: keras.Sequential, again: keras.Sequential) -> bool:
    return [fingerprint_of(layer) for layer in model.layers] == [fingerprint_of(layer) for layer in again.layers]


@pytest.mark.parametrize(
    ("layer", "line"),
    [
        (lambda: layers.LayerNormalization(epsilon=1e-50), "layernorm epsilon=1e-50"),
        (lambda: layers.Rescaling(1 / 255), "rescaling 0.00392156862745098"),
        (lambda: layers.Dropout(1 / 3, dtype="float64"), "dropout 0.3333333333333333 dtype=float64"),
        (lambda: layers.LeakyReLU(1), "leaky_relu negative_slope=1"),
        (lambda: layers.Rescaling(2.0, offset=-1), "rescaling 2.0 offset=-1"),
        (lambda: layers.Dense(2, kernel_initializer=keras.initializers.RandomNormal(0, 1)), "dense 2 kernel_initializer=random_normal(mean=0, stddev=1)"),
        (lambda: layers.Dense(3, kernel_initializer=keras.initializers.Identity(2.0)), "dense 3 kernel_initializer=identity(gain=2.0)"),
        (lambda: layers.Dense(2, activation=layers.PReLU()), "dense 2 activation=prelu()"),
        (lambda: layers.Dense(2, activation=layers.LeakyReLU()), "dense 2 activation=leaky_relu()"),
        (layers.LayerNormalization, "layernorm"),
        (lambda: layers.Normalization(axis=None), "normalization axis=none"),
        (lambda: layers.Dense(2, activation=keras.ops.relu), "dense 2 relu"),
    ],
)  # fmt: skip
def test_a_layer_is_described_with_all_that_it_does_and_no_gap(layer: Any, line: str) -> None:
    model = model_with(layer())
    assert body(model) == f"{line}\n"
    assert alike(seqmagic.build(seqmagic.to_text(model)), model)


def test_a_seed_is_described_where_the_layer_draws_by_it() -> None:
    seeded, unseeded = (model_with(layers.RandomCrop(2, 2, seed=seed), shape=(4, 4, 1)) for seed in (7, None))
    assert [body(seeded), body(unseeded)] == ["random_crop 2 2 seed=7\n", "random_crop 2 2\n"]
    pictures = np.arange(16.0).reshape(1, 4, 4, 1)
    drawn = [[np.array(model(pictures)) for _ in range(4)] for model in (seqmagic.build(seqmagic.to_text(seeded)), seeded)]
    np.testing.assert_array_equal(*drawn)


@pytest.mark.parametrize(
    "line",
    ["gru 2 zero_output_for_mask return_sequences", "lstm 2 use_cudnn=false", "simple_rnn 2 seed=3", "cropping 0x1", "zeropadding 1x2",
     "bidirectional lstm 2 return_sequences", "layernorm rms_scaling", "conv 2 2 lora_rank=1"],
)  # fmt: skip
def test_arguments_that_keras_hides_come_back(line: str) -> None:
    model = seqmagic.build(f"input 5x3\n{line}")
    assert alike(seqmagic.build(seqmagic.to_text(model)), model)
    assert line.partition("=")[0].split()[-1] in seqmagic.to_text(model)
    grown = seqmagic.build("input 5x3 -> dense 3")
    extend(grown, parse(line), {})  # One way to know shapes: what builds alone can be added.
    assert grown.output_shape == model.output_shape


def test_a_function_of_tensorflow_is_described_as_the_activation_that_does_the_same() -> None:
    tf = pytest.importorskip("tensorflow")
    for name in ("softmax", "relu", "swish", "gelu", "leaky_relu", "log_softmax", "tanh", "sigmoid", "selu", "elu", "relu6", "softplus"):
        model = model_with(layers.Dense(2, activation=getattr(tf.nn, name)))
        for names in (None, {"tf": tf}):
            found = body(model, names)
            assert "{" not in found
            again = seqmagic.build(seqmagic.to_text(model, names))
            again.set_weights(model.get_weights())
            np.testing.assert_array_equal(np.array(again(ROWS)), np.array(model(ROWS)))
    # This one has the name of an activation, and gives other numbers.
    assert "gelu of keras has no word here" in seqmagic.to_text(model_with(layers.Dense(2, activation=keras.ops.gelu)))
    assert body(model_with(layers.Dense(2, activation=tf.sin)), {"wave": tf.sin}) == "dense 2 wave\n"


def test_a_word_that_the_notebook_has_for_something_else_is_quoted() -> None:
    model = model_with(layers.Dense(2, "relu"), loss="mse", optimizer="sgd")
    taken = {"relu": lambda x: x, "mse": lambda y, p: 0}
    text = seqmagic.to_text(model, taken)
    assert text == "input 3\ndense 2 'relu'\n\ncompile sgd 'mse'\n"
    assert seqmagic.build(text, taken).layers[0].activation is keras.activations.relu


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"loss": keras.losses.Huber(delta=20.0)}, "sgd huber(delta=20.0)"),
        ({"loss": keras.losses.CosineSimilarity(axis=1)}, "sgd cosine_similarity(axis=1)"),
        ({"loss": keras.losses.mean_squared_error, "metrics": [keras.metrics.mean_absolute_error]}, "sgd mse mean_absolute_error"),
        ({"loss": "mean_squared_error", "metrics": ["mean_absolute_error", "MSE", "AUC"]}, "sgd mse mean_absolute_error MSE AUC"),
        ({"loss": "mse", "optimizer": keras.optimizers.Adam(1 / 3, beta_1=1 / 3)}, "adam(0.33333334, beta_1=0.3333333333333333) mse"),
        ({"loss": "mse", "optimizer": keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.1))}, "loss_scale_optimizer(sgd(0.1)) mse"),
        ({"loss": "mse", "jit_compile": True}, "sgd mse jit_compile=true"),
        ({"loss": ["mse"], "metrics": [keras.metrics.Precision(name="sure")]}, "sgd mse precision(name=sure)"),
    ],
)  # fmt: skip
def test_a_compile_line_is_described_with_all_that_it_does(options: dict[str, Any], line: str) -> None:
    model = model_with(layers.Dense(2), **{"optimizer": "sgd", **options})
    assert body(model, {"x": 1}).splitlines()[-1] == f"compile {line}"


def test_warming_up_from_nothing_is_no_mistake_and_a_rate_of_nothing_is() -> None:
    line = "compile sgd(cosine_decay(0, 10000, warmup_target=0.1, warmup_steps=1000)) mse"
    assert seqmagic.to_text(seqmagic.build(f"input 3 -> dense 1\n{line}")).splitlines()[-1] == line
    with pytest.raises(seqmagic.SeqmagicError, match="can't be 0"):
        seqmagic.build("input 3 -> dense 1\ncompile sgd(cosine_decay(0, 10000)) mse")


@pytest.mark.parametrize(
    "word", ["mean_absolute_error", "mae", "MAE", "binary_crossentropy", "bce", "accuracy", "acc", "AUC", "auc", "MeanSquaredError"]
)
def test_metrics_keep_their_words_and_the_history_its_keys(word: str) -> None:
    model = model_with(layers.Dense(2, "sigmoid"), optimizer="sgd", loss="mse", metrics=[word], run_eagerly=True)
    again = seqmagic.build(seqmagic.to_text(model))
    labels = np.eye(2)[np.arange(40) % 2]
    keys = [sorted(one.train_on_batch(ROWS, labels, return_dict=True)) for one in (model, again)]
    assert keys[0] == keys[1]
    assert word in keys[0]


def test_a_gap_in_the_compile_line_has_its_reason() -> None:
    model = model_with(layers.Dense(1), optimizer="sgd", loss="mse", metrics=[lambda y, p: 0])
    assert seqmagic.to_text(model).splitlines()[0] == "# Gap in the compile line: a Python function without a name (lambda)"
    left_out = keras.optimizers.AdamW()
    left_out.exclude_from_weight_decay(var_names=["bias"])
    model.compile(left_out, "mse")
    assert "weights that exclude_from_weight_decay leaves out" in seqmagic.to_text(model).splitlines()[0]


def test_loss_scaling_is_said_and_so_is_the_precision() -> None:
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = model_with(layers.Dense(2), layers.Dense(1, dtype="float32"), optimizer="adam", loss="mse")
        bare = model_with(layers.Dense(1), optimizer="adam", loss="mse", auto_scale_loss=False)
        found, unscaled = seqmagic.to_text(model), seqmagic.to_text(bare)
    finally:
        keras.config.set_dtype_policy("float32")
    assert found == "input 3\ndense 2 dtype=mixed_float16\ndense 1 dtype=float32\n\ncompile loss_scale_optimizer(adam) mse\n"
    assert unscaled.splitlines()[-1] == "compile adam mse auto_scale_loss=false"
    again = seqmagic.build(found)  # Also where the policy is another.
    assert [layer.compute_dtype for layer in again.layers] == ["float16", "float32"]
    assert type(again.optimizer) is keras.optimizers.LossScaleOptimizer


def adapted(layer: Any, data: Any) -> Any:
    layer.adapt(data)
    return layer


WORDS = ["the cat sat", "the dog sat", "true cats sat, x"]
TEXT_INPUT = {"shape": (1,), "dtype": "string"}
LEARNED = {
    "normalization": (lambda: adapted(layers.Normalization(), ROWS), {"shape": (3,)}, ROWS),
    "normalization of several axes": (lambda: adapted(layers.Normalization(axis=(1, 2)), ROWS.reshape(20, 2, 3)), {"shape": (2, 3)}, ROWS.reshape(20, 2, 3)),
    "normalization of all": (lambda: adapted(layers.Normalization(axis=None), ROWS), {"shape": (3,)}, ROWS),
    "discretization": (lambda: adapted(layers.Discretization(num_bins=4), ROWS), {"shape": (3,)}, ROWS),
    "string_lookup": (lambda: adapted(layers.StringLookup(), np.array([["a"], ["b c"], ["true"]])), TEXT_INPUT, np.array([["b c"], ["none"]])),
    "integer_lookup": (lambda: adapted(layers.IntegerLookup(output_mode="multi_hot"), np.array([[4], [2], [4]])), {"shape": (1,), "dtype": "int64"}, np.array([[2], [9]])),
    "text_vectorization": (lambda: adapted(layers.TextVectorization(output_sequence_length=4), WORDS), TEXT_INPUT, np.array([["cat x"], ["dog"]])),
    "text_vectorization tf_idf": (lambda: adapted(layers.TextVectorization(output_mode="tf_idf"), WORDS), TEXT_INPUT, np.array([["the cat"], ["dog"]])),
}  # fmt: skip


@pytest.mark.parametrize("kind", LEARNED)
def test_what_a_layer_was_adapted_to_is_described_where_it_is_short(kind: str) -> None:
    make, inputs, data = LEARNED[kind]
    model = keras.Sequential([keras.Input(**inputs), make()])
    text = seqmagic.to_text(model)
    assert "{" not in text
    again = seqmagic.build(text, {"x": 7, "cat": [1, 2]})
    given = keras.ops.convert_to_tensor(data) if data.dtype.kind != "U" else __import__("tensorflow").constant(data)
    np.testing.assert_array_equal(np.array(again(given)), np.array(model(given)))
    assert seqmagic.to_text(again) == text
    space: dict[str, Any] = {}
    exec(seqmagic.to_python(model), space)  # noqa: S102  # It is our own, and it is what the test is about.
    np.testing.assert_array_equal(np.array(space["model"](given)), np.array(model(given)))


def test_what_is_too_long_is_a_gap_that_keeps_word_and_settings() -> None:
    wide = np.random.default_rng(0).normal(size=(9, 50))
    model = model_with(adapted(layers.Normalization(axis=1, dtype="float64"), wide), layers.Dense(1), shape=(50,))
    text = seqmagic.to_text(model)
    assert text.splitlines()[0].startswith("# Gap in layer 1, Normalization: its mean and variance (50) come from data: put that data here")
    assert "normalization axis=1 dtype=float64 adapt={...}" in text.splitlines()
    filled = seqmagic.build(text.replace("{...}", "A"), {"A": wide})
    np.testing.assert_array_equal(np.array(filled.layers[0](wide)), np.array(model.layers[0](wide)))
    code = seqmagic.to_python(model)
    assert code.splitlines()[-1] == "model.layers[0].adapt(...)"
    space: dict[str, Any] = {"A": wide}
    exec(code.replace("(...)", "(A)"), space)  # noqa: S102  # It is our own, and it is what the test is about.
    np.testing.assert_array_equal(np.array(space["model"].layers[0](wide)), np.array(model.layers[0](wide)))
    many = adapted(layers.StringLookup(), np.array([f"word{i}" for i in range(300)]))
    assert "string_lookup adapt={...}" in seqmagic.to_text(keras.Sequential([keras.Input(**TEXT_INPUT), many]))


@pytest.mark.parametrize("built", [True, False])
def test_a_layer_that_is_used_twice_is_said_to_share_its_weights(built: bool) -> None:  # noqa: FBT001
    inputs = [keras.Input((8,))] if built else []
    shared, drop = layers.Dense(8), layers.Dropout(0.1)
    model = keras.Sequential([*inputs, shared, drop, shared, drop])
    said = "Layer 3 is layer 1 again and shares its weights: here it is a layer of its own."
    for written in (seqmagic.to_text(model), seqmagic.to_python(model)):
        assert [line for line in written.splitlines() if line.startswith("#")] == [f"# {said}"]
    apart = keras.Sequential([*inputs, layers.Dense(8), drop, layers.Dense(8), drop])
    assert "#" not in seqmagic.to_text(apart)


def test_frozen_layers_are_said_and_those_of_the_notebook_stay_frozen() -> None:
    base = keras.Sequential([keras.Input((3,)), layers.Dense(4), layers.BatchNormalization()], name="base")
    base.trainable = False
    model = model_with(base, layers.Dense(1))
    assert seqmagic.to_text(model, {"base": base}) == "input 3\nbase trainable=false\ndense 1\n"
    base.trainable = True
    assert seqmagic.build("input 3\nbase trainable=false\ndense 1\n", {"base": base}).layers[0].trainable is False
    assert "base.trainable = False\nmodel = " in seqmagic.to_python(model, {"base": base})
    said = "Layer 1 is frozen, and weights are in no text: give the new model those of this one, with set_weights, before it trains."
    assert seqmagic.to_text(model).splitlines()[0] == f"# {said}"
    assert f"# {said}" in seqmagic.to_python(model).splitlines()
    assert not seqmagic.build(seqmagic.to_text(model)).layers[0].trainable
    base.trainable, base.layers[0].trainable = True, False
    assert seqmagic.to_text(model, {"base": base}).splitlines()[0] == "# In layer 1, base, 1 of 2 layers are frozen: no text says which."


def test_inputs_are_described_whole() -> None:
    ragged = keras.Sequential([layers.InputLayer(shape=(None,), ragged=True, dtype="int32"), layers.Embedding(9, 2)])
    assert seqmagic.to_text(ragged) == "input ? dtype=int32 ragged=true\nembedding 9 2\n"
    assert "ragged=True" in seqmagic.to_python(ragged)
    assert seqmagic.build(seqmagic.to_text(ragged)).inputs[0].ragged
    single = keras.Sequential([keras.Input(()), layers.Rescaling(2.0)])
    assert seqmagic.to_text(single) == "input shape=()\nrescaling 2.0\n"
    assert seqmagic.build(seqmagic.to_text(single)).input_shape == (None,)


def test_models_out_of_files_keep_their_compile_line(tmp_path: Path) -> None:
    line = "compile sgd(0.1, momentum=0.9) binary_crossentropy(from_logits=true) accuracy"
    model = seqmagic.build(f"input 3\ndense 2\n{line}")
    for ending in ("keras", "h5"):
        model.save(tmp_path / f"net.{ending}")
        message = seqmagic.to_text(keras.saving.load_model(tmp_path / f"net.{ending}"))
        assert "{" not in message
        again = seqmagic.build(message)
        assert again.optimizer.get_config()["momentum"] == 0.9
        loaded = keras.saving.load_model(tmp_path / f"net.{ending}")
        step = to_program(loaded)[0].compile
        assert step is not None
        assert step.text in repr(NetworkCard("net", survey(loaded), [""], step))


def test_the_code_of_what_keras_finds_by_no_string_runs() -> None:
    seeded = keras.initializers.GlorotUniform(seed=keras.random.SeedGenerator(4))
    quantized = layers.Dense(2, quantization_config=keras.quantizers.Int8QuantizationConfig())
    model = model_with(layers.Dense(2, kernel_initializer=seeded), quantized, optimizer=keras.optimizers.Lamb(), loss="mse")
    space: dict[str, Any] = {}
    exec(seqmagic.to_python(model), space)  # noqa: S102  # It is our own, and it is what the test is about.
    assert type(space["model"].optimizer) is keras.optimizers.Lamb


class Tells(keras.callbacks.Callback):
    def __init__(self, every: int, word: str = "hm") -> None:
        super().__init__()
        self.every, self.word = every, word


def test_the_code_after_a_run_with_ones_own_callback_is_written() -> None:
    model = model_with(layers.Dense(1), optimizer="sgd", loss="mse")
    names = {"Tells": Tells, "Stop": keras.callbacks.EarlyStopping, "mine": Tells(3)}
    step = parse_step("fit x y epochs=2 callbacks=[Tells(3, word=hello), Stop(patience=2), mine, Other(1, a=x), csv_logger('a b.csv')]")
    found = 'Tells(every=3, word="hello"), keras.callbacks.EarlyStopping(patience=2), mine, Other(1, a="x"), keras.callbacks.CSVLogger(filename="a b.csv")'
    assert seqmagic.to_python(model, names, fit=step).splitlines()[-1] == f"model.fit(x, y, epochs=2, callbacks=[{found}])"


class Halves(layers.Layer):
    def call(self, x: Any) -> Any:
        return x[:, ::2]


class Odd(layers.Layer):
    def build(self, shape: Any) -> None:
        self.scale = self.add_weight(shape=(shape[-1],))

    def call(self, x: Any) -> Any:
        return keras.ops.reshape(x * self.scale, (-1, 1, 6))


def test_a_model_that_is_there_is_shown_with_the_shapes_it_was_built_with() -> None:
    model = model_with(layers.Dense(12), Halves(), Odd(), layers.LSTM(4))
    assert [row.after for row in survey(model).rows] == [(12,), (6,), (1, 6), (4,)]
    grown = keras.Sequential([keras.Input((8, 2))])
    for layer in (layers.Conv1D(4, 3), layers.Dense(2), layers.Flatten()):
        grown.add(layer)
    assert [row.after for row in survey(grown).rows] == [(6, 4), (6, 2), (12,)]
    shared = layers.Dense(3)
    first, second = model_with(shared, shape=(5, 2)), model_with(shared, shape=(2,))
    assert [survey(one).rows[0].after for one in (first, second)] == [(5, 3), (3,)]
    assert [row.after for row in survey(keras.Sequential([Halves()])).rows] == [None]


def entry_of(model: keras.Model, **options: Any) -> Any:
    return describe_run(model, ROWS, ROWS[:, :1], options=options, seed=1)


def test_the_ledger_sees_what_get_config_leaves_out() -> None:
    model = model_with(layers.Dense(1))
    entries = []
    for loss, rate in ((keras.losses.Huber(), 0.1), (keras.losses.Huber(delta=20.0), 0.1), (keras.losses.Huber(delta=20.0), 0.1000001)):
        model.compile(keras.optimizers.SGD(rate), loss)
        entries.append(entry_of(model))
    assert few_words(entries[0], entries[1]) == "loss huber() → huber(delta=20.0)"
    assert "0.1 → " in few_words(entries[1], entries[2])
    assert few_words(entries[1], entries[1]) == "nothing"
    functional = keras.Model(i := keras.Input((3,)), layers.Dense(1)(i))
    functional.compile("sgd", keras.losses.Huber())
    before = entry_of(functional)
    functional.compile("sgd", keras.losses.Huber(3.0))
    assert few_words(before, entry_of(functional)) == "loss huber() → huber(delta=3.0)"
    assert fit_line({"validation_split": 1 / 3}) == "fit x y validation_split=0.3333333333333333"


def test_an_adapted_layer_comes_back_from_the_ledger_with_its_weights(tmp_path: Path) -> None:
    model = model_with(adapted(layers.Normalization(), ROWS), layers.Dense(1), optimizer="sgd", loss="mse")
    entry = entry_of(model)
    assert "normalization\n" in entry.text  # What it learned lies beside the text.
    seqmagic.keep_runs(tmp_path / "runs.sqlite")
    try:
        run = seqmagic.fit(model, ROWS, ROWS[:, :1], epochs=1).wait()
        ledger = current_ledger()
        assert ledger is not None
        (kept,) = ledger.entries()
        again = model_of(kept, ledger.load_checkpoint(kept.id, "last"))
        np.testing.assert_array_equal(np.array(again(ROWS)), np.array(model(ROWS)))
    finally:
        name_ledger(None)
    assert run.ended


def test_a_run_goes_by_the_name_that_the_notebook_has_for_its_model() -> None:
    counted, named = model_with(layers.Dense(1)), keras.Sequential([layers.Dense(1)], name="digits")
    for model in (counted, named):
        call_model(model, "net")
    assert (name_of_model(counted), name_of_model(named)) == ("net", "digits")
    counted.compile("sgd", "mse")
    assert entry_of(counted).name == "net"


@pytest.mark.parametrize("line", ["hashing 4 output_mode=count", "hashing 4 output_mode=one_hot", "category_encoding 4 output_mode=count"])
def test_where_keras_states_a_shape_that_is_not_so_nothing_is_shown(line: str) -> None:
    with pytest.raises(ShapeError, match="returns a different shape than Keras reports for 6x4, the input"):
        seqmagic.build(f"input 6x4 dtype=int32\n{line}")
    for shape in ((6,), (1,)) if "one_hot" not in line else ((1,),):
        model = seqmagic.build(f"input {shape[0]} dtype=int32\n{line}")
        assert model(np.zeros((2, *shape), "int32")).shape == (2, *model.output_shape[1:])


def test_two_functions_that_one_function_made_are_distinguished() -> None:
    def times(factor: int) -> Any:
        def scaled(x: Any) -> Any:
            return factor * x

        return scaled

    double, triple = times(2), times(3)
    model = model_with(layers.Dense(2, activation=double), layers.Dense(2, activation=triple), layers.Dense(2, activation=double))
    assert body(model, {"double": double, "triple": triple}) == "dense 2 double\ndense 2 triple\ndense 2 double\n"
