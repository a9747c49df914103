"""Cells to try: real ones, ones grown at random from the words of the language, broken ones, and plain noise."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import strategies as st

SEEDS = [
    "input 784\ndense 64 relu -> dropout 0.5\ndense 10 softmax\n",
    "input 8x8x1  # one picture\nconv 16 3x3 relu same -> maxpool 2\nconv 32 3x3 relu\nflatten -> dropout 0.3\ndense 10 softmax\n\n"
    "compile adam(1e-3) sparse_categorical_crossentropy accuracy\nfit x_train y_train epochs=3 validation_data=x_test,y_test\nseed 42\n",
    "input 784 -> (dense 64 relu -> dropout 0.5) * 2 -> dense 10",
    "input 32x32x3\n(\n  conv 16 3 relu same * 2\n  (batchnorm -> relu) * 2\n  maxpool 2\n) * 2\nglobalavgpool -> dense 10\n",
    "input 16x16x3\n\nblock vgg(f, n=2):\n  conv f 3x3 relu same * n\n  maxpool 2\n\nvgg 8\nvgg 16 n=1\nflatten -> dense 10 softmax\n",
    "block tail: flatten -> dense 10 softmax\nblock body(units, rate=0.3): dense units relu -> dropout rate\ninput 4x4\nbody 8\nbody 8 rate=0.5\ntail\n",
    "input 20\nstem: dense 8 relu * 3\nhead: dense 2 softmax\n",
    "input 100\nembedding 1000 16\nbidirectional lstm 32 return_sequences merge_mode=sum\nbidirectional gru(8, dropout=0.1)\ndense 1 sigmoid\n",
    "input 10x4\ntime_distributed dense 8 relu\nTimeDistributed(Dense(8))\nspectral_normalization conv 8 3\nrnn [gru_cell 4, lstm_cell(3)]\n",
    "input 8\nsequential(dense 8 relu -> sequential(dense 4 -> dropout 0.1) -> dense 4)\ndense 2\n",
    "input 8x3\nbidirectional(lstm(4, return_sequences=true))\nrnn stacked_rnn_cells([gru_cell 4]) -> dense 1",
    "model = Sequential([\n    Input((28, 28, 1)),\n    Conv2D(32, (3, 3), activation='relu'),\n    MaxPooling2D((2, 2)),\n    Flatten(),\n"
    "    Dense(10, activation=\"softmax\"),\n])\nmodel.compile(optimizer='adam', loss='categorical_crossentropy', metrics=['accuracy'])\n"
    "model.fit(x_train, y_train, epochs=5, validation_data=(x_test, y_test))\n",
    "from tensorflow import keras\nfrom keras.layers import Dense, Dropout\nmodel = keras.Sequential(name='small')\n"
    "model.add(keras.Input(shape=(784,)))\nmodel.add(Dense(64, activation='relu'))\nmodel.add(Dropout(0.5))\nmodel.add(Dense(10))\n",
    "import tensorflow as tf\nmodel = tf.keras.Sequential([\n  tf.keras.layers.Flatten(input_shape=(28, 28)),\n"
    "  tf.keras.layers.Dense(128, activation=tf.nn.relu, kernel_regularizer=tf.keras.regularizers.l2(0.01)),\n  tf.keras.layers.Dense(10)\n])\n",
    "keras.Sequential([Dense(8, input_dim=4), Dense(1)])",
    "Dense(32, activation='relu',) ->\n  # and then\n  Dense(10)",
    "input ?x64 batch=32\nlstm 8 stateful -> dense 1\n",
    "input {width}x3\ndense {2 * width} {activation}\n{own_layer} -> {[f for f in layers][0]}\ndense 3 kernel_regularizer={l2(0.1)}\n",
    "input 3 dtype=int32\nembedding 10 4 embeddings_initializer=random_normal(stddev=0.1) mask_zero=true\nflatten -> dense 2 bias_initializer='zeros'\n",
    "input 6\nreshape 3x2 -> permute (2, 1) -> reshape (6,) -> rescaling 1/255\n",
    'input 8\ndense 8 use_bias=false kernel_constraint=max_norm(2) kernel_regularizer=l1_l2(l1=1e-5, l2=-.5e+3)\nhalve -> activation "tanh"\n',
    "compile sgd(exponential_decay(0.1, 100, 0.9), momentum=0.9, nesterov) mse metrics=mae,mse loss_weights=[1, 2.0]",
    "fit x y epochs=10 batch_size=32 callbacks=early_stopping(patience=3),[csv_logger('a.csv')] class_weight=none",
    "input 1 dtype=string -> text_vectorization adapt=texts output_sequence_length=4",
    "dense 3 relu,\ndense 4 'a\\'b' x=\"\\n\\t\\\\\" y=(1, (2,), [], [none, true]) z=({a}, f(1) )\n",
    "((dense 3 * 2) * 2 -> (dense 4)) * 2 -> (a: dense 5)",
    "block a: dense 3\nblock b(n): a * n -> sequential(a -> dense n)\ninput 2\nb 2\nb n=3\n",
    "",
    "   \n\n# nothing\n",
]

PLAUSIBLE = [
    "dense 4", "dense 8 relu", "dense 2 softmax use_bias=false", "dropout 0.3", "flatten", "conv 4 3 same relu", "conv 4 3x3", "maxpool 2",
    "avgpool 2 same", "globalavgpool", "gmp", "lstm 3", "lstm 3 return_sequences", "gru 2 return_sequences", "bidirectional lstm 2",
    "bidirectional gru(2, return_sequences) merge_mode=ave", "time_distributed dense 3", "batchnorm", "layernorm", "relu", "leaky_relu 0.1",
    "reshape 2x2", "reshape 4", "permute (2, 1)", "repeat_vector 3", "embedding 10 4", "upsample 2", "zeropad 1", "crop 1", "sepconv 4 3",
    "dwconv 3", "convtranspose 2 3 strides=2", "spatialdropout 0.2", "gaussian_noise 0.1", "activation tanh", "softmax", "rescaling 0.5",
    "sequential(dense 3 -> relu)", "rnn gru_cell 3", "masking", "unit_normalization", "group_normalization groups=1", "halve", "Own 3",
    "prelu", "einsum_dense 'ab,bc->ac' output_shape=3", "random_flip", "random_zoom 0.1", "center_crop 2 2", "resizing 3 3", "normalization",
    "convlstm 2 3", "simple_rnn 2 stateful", "discretization num_bins=3", "category_encoding 4", "hashing 4", "string_lookup", "lambda halve",
    "spectral_normalization dense 3", "multi_head_attention 2 2", "add", "identity", "alpha_dropout 0.1", "adaptive_average_pooling 2",
    "rms_normalization", "stft_spectrogram frame_length=4 frame_step=2 fft_length=4", "mel_spectrogram", "integer_lookup max_tokens=5",
    "input_layer 3", "tfsm_layer 'nowhere'", "wrapper dense 3", "pipeline [rescaling 2]", "rand_augment", "mix_up", "solarization",
]  # fmt: skip
INPUTS = ["10", "4", "10x4", "8x8x3", "4x8x8x3", "2x3x4x4x1", "6 dtype=int32", "1 dtype=string", "?x3", "8x8x2 batch=2", "?", "40x1"]
# What works on a shape and keeps its number of axes, so that networks of some depth come about.
ANYWHERE = [
    "dropout 0.3",
    "relu",
    "batchnorm",
    "layernorm",
    "dense 4 relu",
    "dense 3 use_bias=false * 2",
    "activation tanh",
    "rescaling 0.5",
]
FITTING = {
    "10": ["gaussian_noise 0.1", "(dense 4 -> prelu) * 2", "sequential(dense 3 -> relu)", "dense 5 kernel_regularizer=l2(0.1)", "halve", "Own 3"],
    "10x4": ["lstm 3 return_sequences", "bidirectional gru(2, return_sequences)", "conv 4 3 same", "time_distributed dense 3", "maxpool 2 same"],
    "8x8x3": ["conv 4 3x3 same relu * 2", "maxpool 2 same", "sepconv 4 3 same", "upsample 2", "zeropad 1", "spatialdropout 0.2", "random_flip"],
    "4x8x8x3": ["conv 2 2 same", "time_distributed conv 2 3 same", "convlstm 2 3 same return_sequences", "avgpool 2 same"],
}  # fmt: skip
WORDS = [
    "input", "dense", "Dense", "conv", "Conv2D", "maxpool", "flatten", "dropout", "lstm", "gru_cell", "bidirectional", "sequential",
    "time_distributed", "relu", "softmax", "same", "true", "none", "x_train", "adam", "mse", "accuracy", "name", "units", "activation",
    "input_shape", "return_sequences", "block", "compile", "fit", "seed", "import", "from", "model", "add", "keras.layers.Dense",
    "tf.keras.Sequential", "Sequential", "model.add", "model.fit", "model.compile", "model.summary", "layers", "a", "b", "n", "é", "層", "x3",
    "_", "inf", "nan", "lambda", "None", "halve", "Own",
]  # fmt: skip
NUMBERS = [
    "0", "1", "2", "3", "10", "-1", "+4", "0.5", ".5", "3.", "1e-3", "-0.0", "00", "1e3", "1e999", "-1e999", "1e-999", "9" * 24, "9" * 25,
    "5e-324", "1.7976931348623157e308", "2147483648", "1000000000", "٣",
]  # fmt: skip
SIZES = ["3x3", "28×28x1", "?", "?x64", "0x3", "007x1", "1x1x1x1x1x1", "x3", "3x", "3.5x2", "99999999x99999999"]
STRINGS = ["'relu'", '"a b"', "''", "'\\''", '"\\\\"', "'\\n\\t\\r\\x'", '"#"', "'{'", "'->'", "'é\u2028'", "'\t'", '"\'"']
EXPRESSIONS = ["{n}", "{2 * width}", "{...}", "{{}}", "{ }", "{}", "{'}'}", "{\n1\n}", "{# }", "{{1: {2: 3}}}", "{n}{n}"]
SIGNS = [
    "->", " -> ", "\n->", "->\n", "*", " * ", " * 2", " * n", "**", "(", ")", "[", "]", "{", "}", ",", ", ", "=", ":", ": ", "()", "[]", "'",
    '"', "\\", "#", "# x", "\n", "\r\n", "\r", "\n  ", "\t", " ", "  ", ";", ".", "..", "-", "+", "/", "%", "^", "@", "!", "?", "x", "×",
    "\f", "\v", "\0", "\x1b", "\x85", "\u00a0", "\u2003", "\u2028", "\ufeff", "\u200b", "，", "（", "）", "：", "＝", "＊", "［", "］", "“",
    "”", "‘", "→", "–", "🙂", "e\u0301", "\ud800", "ß", "İ", "²", "Ⅷ",
]  # fmt: skip
LINES = ["block a: dense 3", "block a(n, f=2):", "  dense n", "seed 3", "compile adam mse", "fit x y", "import keras", "a: dense 3", "a 3"]
TOKENS = [*WORDS, *NUMBERS, *SIZES, *STRINGS, *EXPRESSIONS, *SIGNS, *LINES, *PLAUSIBLE]
PIECE = re.compile(r"\s+|\w+|->|\W")

noise = st.text(max_size=60) | st.text(alphabet="dense input x3 0123456789?->=,()[]{}*:'\"#\\.\n\r\t ", max_size=80)
soups = st.lists(st.sampled_from(TOKENS), max_size=14).flatmap(lambda tokens: st.sampled_from(["", " "]).map(lambda gap: gap.join(tokens)))


def joined(parts: st.SearchStrategy[str], sign: str, least: int = 0, most: int = 3) -> st.SearchStrategy[str]:
    """Several parts with a sign between them."""
    return st.lists(parts, min_size=least, max_size=most).map(sign.join)


def _larger_values(value: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Calls, tuples, lists and layers that hold smaller values."""
    arguments = joined(value | _named(value), ", ")
    layer = st.builds("{} {}".format, words, joined(value, " "))
    return st.one_of(
        st.builds("{}({})".format, words, arguments),
        st.builds("({},)".format, value),
        joined(value, ", ", 2).map("({})".format),
        joined(value, ", ").map("[{}]".format),
        st.builds("{}({})".format, st.sampled_from(["sequential", "bidirectional"]), joined(layer, " -> ", 1)),
        st.builds("{}({} * {})".format, words, layer, counts),
        st.builds("{}({}: {})".format, words, words, layer),
    )


def _named(value: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds("{}={}".format, words, value | joined(value, ",", 2))


words = st.sampled_from(WORDS)
counts = st.sampled_from(["2", "1", "3", "n", "0", "-1", "2.0", "20001", "x3"])
atoms = words | st.sampled_from([*NUMBERS, *SIZES, *STRINGS, *EXPRESSIONS])
values = st.recursive(atoms, _larger_values, max_leaves=6)
arguments = joined(values | _named(values), " ", most=4)
calls = st.builds("{}({})".format, words, joined(values | _named(values), ", "))
bare_layers = st.builds("{} {}".format, words, arguments) | calls | st.sampled_from(EXPRESSIONS) | st.sampled_from(PLAUSIBLE)
layers = st.one_of(
    bare_layers, bare_layers, st.builds("{}: {}".format, words, bare_layers), st.builds("{} * {}".format, bare_layers, counts)
)


def _groups(chain: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    inner = joined(chain, " -> ", 1) | joined(chain, "\n  ", 1)
    return st.builds("({}){}".format, inner, st.just("") | counts.map(" * {}".format)) | joined(chain, " -> ", 1)


chains = st.recursive(layers, _groups, max_leaves=4)
parameters = joined(words | st.builds("{}={}".format, words, values), ", ", most=2)
block_heads = st.builds("block {}({}):".format, words, parameters) | words.map("block {}:".format)
blocks = st.builds("{}\n  {}".format, block_heads, joined(chains, "\n  ", 1)) | st.builds("{} {}".format, block_heads, chains)
lines = st.one_of(
    chains,
    chains,
    chains,
    blocks,
    arguments.map("compile {}".format),
    arguments.map("fit {}".format),
    atoms.map("seed {}".format),
    st.builds("{} = {}".format, words, calls),
    st.sampled_from(["import keras", "from keras.layers import Dense", "import os", "from tensorflow import keras  # x"]),
)
grown = joined(lines, "\n", 1, 5)
fitting = st.sampled_from(sorted(FITTING)).flatmap(
    lambda shape: st.builds("input {}\n{}".format, st.just(shape), joined(st.sampled_from([*FITTING[shape], *ANYWHERE]), "\n", 1, 5))
)
networks = st.one_of(
    fitting,
    fitting,
    st.builds("{}\n{}".format, fitting, joined(st.sampled_from(PLAUSIBLE), " -> ", 1)),
    st.builds("{}\n{}".format, fitting, chains),
    st.builds("input {}\n{}".format, st.sampled_from(INPUTS), joined(st.sampled_from(PLAUSIBLE) | chains, "\n", 1, 5)),
)


def mutate(text: str, change: str, at: int, length: int, token: str) -> str:
    """A text with one thing changed, somewhere among its words and signs.

    change: what to do: delete, duplicate, swap, insert, replace or cut.
    at, length: from which piece on, and how many; they may be larger than the text has pieces.
    token: what is put in.
    """
    pieces = PIECE.findall(text)
    start = at % (len(pieces) + 1)
    end = min(len(pieces), start + length)
    before, chosen, after = pieces[:start], pieces[start:end], pieces[end:]
    changed = {
        "delete": [*before, *after],
        "duplicate": [*before, *chosen, *chosen, *after],
        "swap": [*before, *after[:1], *chosen, *after[1:]],
        "insert": [*before, token, *chosen, *after],
        "replace": [*before, token, *after],
        "cut": before,
    }
    return "".join(changed[change])


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A real cell with up to four things changed; now and then two are stuck together."""
    text = draw(st.sampled_from(SEEDS))
    if draw(st.integers(0, 4)) == 0:
        other = draw(st.sampled_from(SEEDS))
        text = text[: draw(st.integers(0, len(text)))] + other[draw(st.integers(0, len(other))) :]
    for _ in range(draw(st.integers(1, 4))):
        change = draw(st.sampled_from(["delete", "duplicate", "swap", "insert", "replace", "cut"]))
        token = draw(st.sampled_from(TOKENS) | st.characters()) if change in ("insert", "replace") else ""
        text = mutate(text, change, draw(st.integers(0, 200)), draw(st.integers(1, 6)), token)
    return text


cells = st.one_of(st.sampled_from(SEEDS), grown, grown, mutated(), mutated(), soups, noise, networks)


def write_corpus(folder: Path) -> None:
    """Put the seeds, and each token, into a folder as files that a fuzzer starts from."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, text in enumerate([*SEEDS, *TOKENS]):
        (folder / f"{number:03}").write_bytes(b"\0" + text.encode("utf-8", "surrogatepass"))
