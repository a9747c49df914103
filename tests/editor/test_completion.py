"""At every place of the grammar the words that fit are offered, the best first; and only what the grammar accepts there."""

from __future__ import annotations

import re
from collections.abc import Iterator

import keras
import pytest

from seqmagic.editor.editor import Editor
from seqmagic.editor.vocabulary import CONSTANTS, normalize
from seqmagic.errors import SeqmagicError
from seqmagic.language import parse
from seqmagic.language.unfinished import read_unfinished
from seqmagic.options.sweep_settings import SETTINGS
from tests.support.classics import CLASSICS, data

HEAD = "%%sequential net\n"


def my_loss(y_true: object, y_pred: object) -> object:
    return y_pred


def swish2(x: object) -> object:
    return x


class Gate(keras.layers.Layer):  # type: ignore[misc]
    def __init__(self, units: int, *, bias: bool = True, activation: str | None = None) -> None:
        raise AssertionError("nothing is made while somebody types")


NAMES = {**data(), "my_loss": my_loss, "swish2": swish2, "Gate": Gate}
EDITOR = Editor(lambda: True)
EARLY = Editor(lambda: False)


def offered(text: str, editor: Editor = EDITOR) -> list[str]:
    found = editor.complete(HEAD + text, len(HEAD + text), NAMES)
    assert found is not None
    return [offer.text for offer in found.offers]


def known(text: str) -> None:
    """Wait until what flows at the end of a text is known."""
    end = text.rfind("->") if "->" in text.rpartition("\n")[2] else text.rfind("\n") + 1
    EDITOR.flows.before(text[:end], text.rfind("\n") + 1, NAMES, wait=60)


# Where one stands, what is offered first, what also, and what never.
PLACES: list[tuple[str, str, str, str]] = [
    ("", "input", "conv dense block Gate", "epochs= mse"),
    ("input 8x8x1\n", "conv maxpool", "dense compile fit block flatten", "epochs="),
    ("input 8x8x1\nfla", "flatten", "", "dense"),
    ("input 100x8\nconv", "conv convtranspose", "conv1d conv2d", "relu"),
    ("input 8x8x1\nconv ", "filters= kernel_size=", "relu same strides= kernel_initializer=", "dense conv causal epochs="),
    ("input 8x8x1\nconv 3 3 same ", "strides= relu", "use_bias= activation=", "padding= filters= kernel_size= same"),
    ("input 10x8\nconv 3 3 ", "strides=", "causal", ""),
    ("input 8x8\nlstm 3 ", "relu", "tanh return_sequences stateful activation=", ""),
    ("input 8\ndense 3 activation=", "relu softmax", "swish2 none", "dense same units= my_loss"),
    ("input 8\ndense 3 kernel_regularizer=", "l2 l1", "", "relu"),
    ("input 8\ndense 3 use_bias=", "true", "false", "relu"),
    ("input 8\ndense ", "units=", "width relu", "x_train my_loss"),
    ("input 8 -> ", "dense", "Gate", "compile input fit block"),
    ("input 8 -> dense 3 -> dro", "dropout", "", ""),
    ("input 8\n(dense 3 -> ", "conv", "dropout", "compile"),
    ("input 8\n(dense 3\n", "dense", "dropout", "compile seed"),
    ("input 8x8\nbidirectional ", "lstm gru", "simple_rnn", ""),
    ("input 8x8\nbidirectional lstm 3 ", "relu", "tanh return_sequences merge_mode=", ""),
    ("input 8x8\nbidirectional lstm 3 merge_mode=", "concat", "sum ave mul", "relu"),
    ("input 8x8\nbidirectional(lstm(3), ", "merge_mode=", "", "units= return_sequences"),
    ("input 8x8\nbidirectional(", "lstm gru", "", ""),
    ("input 8x8\nrnn ", "gru_cell lstm_cell", "", ""),
    ("input 8\nsequential(dense 3 -> ", "conv", "dense dropout", "compile layers="),
    ("input 8\nGate ", "units=", "relu bias= activation=", "kernel_size="),
    ("block wide(n, k=3): dense n ", "units= n k relu", "activation=", ""),
    ("block wide(n, k=3):\n  dense ", "units= n k", "relu", ""),
    ("block wide(n, k=3):\n  dense n\ninput 8\ndense ", "units=", "width", "n k"),
    ("block wide(n, k=3): dense n\ninput 8\nwi", "wide", "", ""),
    ("block wide(n, k=3): dense n\ninput 8\nwide ", "n=", "k=", "relu"),
    ("stem: ", "conv", "dense", "compile input"),
    ("input ", "x_train", "batch= dtype=", "relu width"),
    ("input 8 dtype=", "float32", "int32 string", "relu"),
    ("input 8\ndense 3\ncom", "compile", "", ""),
    ("input 8\ndense 3\ncompile ", "adam sgd", "rmsprop optimizer=", "relu mse"),
    ("input 8\ndense 3\ncompile adam(", "cosine_decay", "learning_rate= beta_1= amsgrad", "mse"),
    ("input 8\ndense 3\ncompile adam(learning_rate=exponential_decay(", "initial_learning_rate=", "decay_steps= staircase", "adam"),
    ("input 8\ndense 3\ncompile adam ", "mse mae", "my_loss loss= huber", "adam relu swish2"),
    ("input 8\ndense 3 softmax\ncompile adam ", "sparse_categorical_crossentropy categorical_crossentropy", "my_loss", ""),
    ("input 8\ndense 1 sigmoid\ncompile adam ", "binary_crossentropy", "", ""),
    ("input 8\ndense 3\ncompile adam mse ", "mae", "metrics= my_loss r2score", "adam optimizer="),
    ("input 8\ndense 3 softmax\ncompile adam categorical_crossentropy ", "accuracy", "auc top_k_categorical_accuracy", ""),
    ("input 8\ndense 3\ncompile adam mse metrics=mae,", "mae", "mse", "metrics= optimizer="),
    ("input 8\ndense 3\ncompile adam loss=", "mse", "my_loss", "adam metrics="),
    ("input 8\ndense 3\ncompile adam mse metrics=[auc(", "", "num_thresholds= curve= multi_label", "auc"),
    ("input 8\ndense 3\ncompile adam mse\n", "fit", "", ""),
    ("input 28x28x1\nflatten\ndense 3\ncompile adam mse\nfit ", "x_train x_test", "epochs= y_train", "relu width x="),
    ("input 28x28x1\nflatten\ndense 3\ncompile adam mse\nfit x_train ", "y_train", "epochs=", ""),
    ("input 8\ndense 3\ncompile adam mse\nfit x_train y_train ", "epochs= batch_size=", "validation_data= patience= until= workers= mixed_float16", "x_test shuffled"),
    ("input 8\ndense 3\ncompile adam mse\nfit x_train y_train validation_data=", "x_test", "", "epochs= width"),
    ("input 8\ndense 3\ncompile adam mse\nfit x_train y_train validation_data=x_test,", "y_test", "", "x_test"),
    ("input 8\ndense 3\ncompile adam mse\nfit x_train y_train validation_split=0.2 ", "shuffled stratified", "epochs=", ""),
    ("input 8\ndense 3\ncompile adam mse\nfit x_train y_train class_weight=", "balanced", "", ""),
    ("input 8\ndense 3\ncompile adam mse\nfit x_train y_train patience=3 monitor=", "val_loss", "loss val_accuracy", "relu"),
    ("input 8\ndense 3\ncompile adam mse\nfit x_train y_train callbacks=", "early_stopping", "model_checkpoint", "relu"),
    ("input 8\ndense 3\ncompile adam mse\nfit x_train y_train callbacks=[early_stopping(", "", "patience= monitor= restore_best_weights", ""),
    ("Dense(32, activation='", "relu", "softmax", "units= use_bias"),
    ("model = Sequential([\n  Dense(32),\n  Dro", "Dropout", "", "dropout"),
    ("model.add(Fl", "Flatten", "", ""),
    ("model.compile(optimizer='", "adam", "sgd", "mse loss="),
    ("model.compile('adam', loss='", "mse", "binary_crossentropy", "adam"),
    ("input 8\ndense 3x", "", "", "relu dense"),
    ("input 8\ndense 16", "", "", "relu"),
    ("input 8\ndense 3 * ", "choice( between(", "", "relu dense log("),
    ("input 8\ndense cho", "choice(", "", ""),
    ("input 8\ndense 3 choice(", "relu softmax", "tanh swish2", "units= choice( dense"),
    ("input 8\ndense 3 choice(relu, ", "relu softmax", "tanh", "units= choice( dense"),
    ("input 8\ndense choice(16, 32) choice(relu, tanh) ", "use_bias=", "kernel_initializer=", "relu units= activation="),
    ("input 8\nchoice(", "dense", "conv dropout", "compile relu="),
    ("input 8\nchoice(dense 3 ", "relu", "tanh activation=", "compile dense"),
    ("input 8\n(dense 3) * choice(", "", "", "relu dense"),
    ("input 8\ndense 3\ncompile choice(", "adam sgd", "rmsprop", "mse"),
    ("input 8\ndense 3\ncompile adam(lo", "", "log(", "logcosh mse"),
    ("input 8\ndense 3\ncompile adam(beta_1=", "width", "choice( between( log(", "relu"),
    ("input 8\ndense 3\ncompile adam choice(", "mse mae", "my_loss", "adam"),
    ("input 8\ndense ?", "units=", "width relu choice( between( log(", "x_train my_loss"),
    ("input 8\ndense 3 activation=___", "relu softmax", "swish2 choice(", "between( same"),
    ("input 8\n...", "dense", "conv Gate", "units="),
    ("input 8\ndense 3 -> ?", "dense", "Gate", "compile"),
    ("input 8\ndense {2 * ?", "", "", "dense relu"),
    ("input 8\ndense 3\nexpect ", "params trainable layers", "output memory epochs loss val_accuracy", "relu dense epochs="),
    ("input 8\ndense 3\nexpect layers ", "conv maxpool dense", "flatten", "params relu="),
    ("input 8\nseed ", "", "", "relu dense width"),
    ("input 8\n# den", "", "", "dense"),
    ("block ", "", "", "dense"),
    ("block wide(", "", "", "dense"),
    ("input 8\ndense 3)\nden", "dense", "", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "first", "also", "never"), PLACES, ids=[place[0][-40:] or "empty" for place in PLACES])
def test_a_place_offers_what_fits_there(text: str, first: str, also: str, never: str) -> None:
    known(text)
    found = offered(text)
    assert found[: len(first.split())] == first.split()
    assert set(also.split()) <= set(found)
    assert not set(never.split()) & set(found)
    assert len(found) == len(set(found))


def words_of(text: str) -> Iterator[tuple[int, int]]:
    """Each word that has a meaning there: no name that is made up, no text of one's own."""
    made_up = re.compile(r"block \w+(\([^)]*\))?:|\w+:(?= )|#[^\n]*|curve=PR|Sequential|model\b(?= =)|model\.\w+\(")
    skipped = [match.span() for match in made_up.finditer(text)]
    for match in re.finditer(r"(?<![\w.\d])[^\W\d]\w*", text):
        if not any(start <= match.start() < end for start, end in skipped):
            yield match.span()


@pytest.mark.parametrize("name", CLASSICS)
@pytest.mark.parametrize("editor", [EDITOR, EARLY], ids=["loaded", "loading"])
def test_a_classic_network_typed_letter_by_letter_is_always_offered_its_next_word(name: str, editor: Editor) -> None:
    text = CLASSICS[name]
    starts = {at: text[start:end] for start, end in words_of(text) for at in range(start, end + 1)}
    for at in range(len(text) + 1):
        found = editor.complete(HEAD + text, len(HEAD) + at, NAMES)
        if at in starts:
            assert found is not None
            words = {normalize(offer.text.rstrip("=")) for offer in found.offers}
            assert normalize(starts[at]) in words, text[:at]


def test_all_that_is_offered_can_be_read_where_it_is_offered() -> None:
    for text, *_ in PLACES:
        found = EDITOR.complete(HEAD + text, len(HEAD + text), NAMES)
        assert found is not None
        begun = text[: len(text) - len(found.fragment)]
        for offer in found.offers:
            after = read_unfinished(f"{begun}{offer.text} ")
            assert after is not None, (begun, offer.text)
            assert not after.is_lost, (begun, offer.text)


def test_every_layer_that_is_offered_first_works_on_what_flows_in() -> None:
    """Those that need no more than numbers are built, on samples of each number of axes."""
    from seqmagic.editor.fits import rank_of, works_on
    from seqmagic.network.builder import Draft

    for axes, shape in ((1, "9"), (2, "20x8"), (3, "16x16x3"), (4, "8x9x9x2")):
        for entry in EDITOR.vocabulary.of_kind["layer"]:
            needed = [setting.name for setting in entry.settings if setting.default is None]
            if entry.reason or set(needed) - {"filters", "kernel_size", "pool_size"} or not entry.rank:
                continue
            line = " ".join([entry.word, *("2" for _ in needed)])
            try:
                with Draft(parse(f"input {shape}\n{line}"), {}):
                    builds = True
            except SeqmagicError:
                builds = False
            assert works_on(entry, axes) is builds, (line, shape)
    assert (rank_of("conv", 3), rank_of("convlstm", 4)) == (2, 2)


def test_constants_are_those_of_the_grammar() -> None:
    assert [parse(f"dense 3 use_bias={word}").layers[0].arguments[1].value.value for word in CONSTANTS] == [True, False, None]


def test_models_come_by_their_names_and_files_by_theirs(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    from pathlib import Path

    folder = Path(str(tmp_path))
    for file in ("net.seq", "other.txt", ".hidden.seq"):
        (folder / file).write_text("input 8 -> dense 3", "utf-8")
    (folder / "nets").mkdir()
    (folder / "nets" / "deep.seq").write_text("input 8 -> dense 3", "utf-8")
    monkeypatch.chdir(folder)
    names = {**NAMES, "digits": keras.Sequential(), "_old": keras.Sequential()}

    def complete(line: str) -> list[str]:
        found = EDITOR.complete(line, len(line), names)
        assert found is not None
        return [offer.text for offer in found.offers]

    assert complete("%sequential a --load ") == ["net.seq", "nets/"]
    assert complete("%sequential a --load 'nets/") == ["nets/deep.seq"]
    assert complete("%fit ") == ["digits", "--resume", "--anew", "--find-rate"]
    assert complete("%fit digits x_train y_train --f") == ["--find-rate"]
    assert complete("%runs --best val_a") == ["val_accuracy"]
    assert complete("%sequential digits --text --") == ["--python", "--save", "--load", "--add", "--quiet"]
    assert EDITOR.complete("fit = 3", 7, names) is None


def test_a_line_of_sweep_takes_more_than_one_of_fit() -> None:
    editor = Editor(lambda: True, {"digits": None, "deep": None})

    def complete(line: str) -> list[str]:
        found = editor.complete(line, len(line), NAMES)
        assert found is not None
        return [offer.text for offer in found.offers]

    assert complete("%sweep d") == ["digits", "deep"]
    assert complete("%sweep digits --") == complete("%sweep digits x_train y_train --r") == ["--resume"]
    assert {f"{name}=" for name in SETTINGS} <= set(complete("%sweep digits x_train y_train "))
    assert complete("%sweep digits x_train y_train trials=20 tri") == complete("%fit digits x_train y_train tri") == []
    assert complete("%sweep digits x_train y_train best=val_a") == ["val_accuracy"]
    assert complete("%sweep digits x_train y_train prune=")[:2] == ["true", "false"]
    assert complete("%sweep digits x_train y_train batch_size=ch") == ["choice("]
    assert complete("%fit digits x_train y_train batch_size=ch") == []
    assert complete("%sweep digits x_train y_train on=")[:1] == complete("%fit digits x_train y_train on=l") == ["local"]
    assert complete("%fit digits x_train y_train on=tcp://127.0.0.1:8786 epo") == ["epochs="]
    assert "on=" not in complete("%dashboard digits x_train y_train on")
    assert complete("%sweep digits x_train ")[0] == "y_train"
    outcome = editor.inspect("%sweep digits x_train y_train folds=5", 34, NAMES)
    assert outcome is not None
    assert outcome.text.startswith("folds of %sweep: this many runs per network, each validated on other rows. Default 1.")
