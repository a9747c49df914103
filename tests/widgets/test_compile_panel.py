"""The compile panel offers all of Keras and of the notebook, says what fits and what can't, and changes nothing until it is applied."""

from __future__ import annotations

import re
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest

import seqmagic
from seqmagic.errors import ArgumentError, CompileError, DataError, SeqmagicError, UnknownNameError
from seqmagic.forms.choices import choice_of
from seqmagic.forms.compatibility import CompatibilityCheck
from seqmagic.forms.compiled import describe
from seqmagic.forms.word_groups import optimizer_groups
from seqmagic.keras_internals.compiled import compiled_with
from seqmagic.language import parse_step
from seqmagic.network.catalogue import LOSSES, OPTIMIZERS, SCHEDULES
from seqmagic.options.compile_line import read_compile
from seqmagic.options.fit_line import read_fit
from seqmagic.widgets.compile_panel import CompilePanel
from tests.support.small_network import SMALL, data


def mean_pred(y_true: Any, y_pred: Any) -> Any:
    return keras.ops.mean(y_pred)


def panel(network: str = SMALL, labels: Any = None, **options: Any) -> CompilePanel:
    return CompilePanel(seqmagic.build(network), data()[1] if labels is None else labels, **options)


def words(groups: list[Any]) -> dict[str, list[str]]:
    return {label: list(found) for label, found in groups}


def problems(made: CompilePanel) -> dict[str, str]:
    form = made.form
    sections = (form["optimizer"], form["schedule"], form["loss"], *form["metrics"])
    fields = [*form["fit"], *(option for section in sections for option in section["options"]), *sections]
    return {field["control"]: field["problem"] for field in fields if field["problem"]}


@pytest.mark.parametrize(
    ("network", "labels", "line"),
    [
        ("input 4 -> dense 1 sigmoid", np.zeros(4), "adam(0.001) binary_crossentropy accuracy"),
        ("input 4 -> dense 3 softmax", np.zeros(4, int), "adam(0.001) sparse_categorical_crossentropy accuracy"),
        ("input 4 -> dense 3 softmax", np.eye(3), "adam(0.001) categorical_crossentropy accuracy"),
        ("input 4 -> dense 3", np.zeros(4, int), "adam(0.001) sparse_categorical_crossentropy(from_logits=true) accuracy"),
        ("input 4 -> dense 1", np.linspace(0, 1, 4), "adam(0.001) mse mae"),
    ],
)
def test_what_fits_the_last_layer_and_the_labels_is_chosen_and_has_no_verdict(network: str, labels: Any, line: str) -> None:
    made = panel(network, labels)
    assert made.compile_line == f"compile {line}"
    assert not made.form["proposal"]["differs"]
    assert made.form["loss"]["reason"] == ""


def test_it_says_what_it_has_looked_at() -> None:
    assert panel().form["seen"] == "The last layer gives 3 numbers through softmax; y holds whole numbers from 0 to 2."
    one_hot = panel(labels=np.eye(3), fit="pictures targets")
    assert one_hot.form["seen"].endswith("targets is one-hot, with 3 columns.")
    assert panel("input 4 -> dense 1", np.array([0.5, 2.25])).form["seen"] == (
        "The last layer gives 1 number, with no activation; y holds numbers from 0.5 to 2.25."
    )


def test_every_optimizer_loss_and_schedule_of_keras_is_offered() -> None:
    made = panel()
    offered = {word for found in words(made.form["optimizer"]["groups"]).values() for word in found}
    assert {OPTIMIZERS.find(word) for word in offered} == {
        OPTIMIZERS.find(word) for word in OPTIMIZERS.words() if word != "multi_optimizer"
    }
    losses = {LOSSES.find(word) for found in words(made.form["loss"]["groups"]).values() for word in found}
    assert losses == {LOSSES.find(word) for word in LOSSES.words()}
    assert set(words(made.form["schedule"]["groups"])[""]) == set(SCHEDULES.words())


def test_losses_that_cannot_work_stand_apart_with_a_reason() -> None:
    made = panel()
    groups = words(made.form["loss"]["groups"])
    assert groups["Fits best"] == ["sparse_categorical_crossentropy"]
    assert {"categorical_crossentropy", "binary_crossentropy", "mse"} <= set(groups["Can't work here"])
    made.set("loss", "categorical_crossentropy")
    assert made.form["loss"]["level"] == "wrong"
    assert "expects one column for each of the 3 classes" in made.form["loss"]["reason"]
    assert made.form["proposal"] == {"words": "sparse_categorical_crossentropy accuracy", "differs": True, "knowsData": True}
    made.set("propose")
    assert made.compile_line == "compile adam(0.001) sparse_categorical_crossentropy accuracy"


def test_where_no_loss_fits_none_is_proposed() -> None:
    made = panel("input 4 -> dense 1 sigmoid", np.arange(10))
    assert made.form["proposal"]["words"] == ""
    assert "Fits best" not in words(made.form["loss"]["groups"])
    assert "binary_crossentropy" in words(made.form["loss"]["groups"])["Can't work here"]
    assert "The labels y range from 0 to 9" in made.form["loss"]["reason"]


def test_a_loss_between_rows_takes_classes_beside_any_number_of_outputs() -> None:
    x, y = data()
    model = seqmagic.build("input 4 -> dense 2 softmax\ncompile sgd circle")
    assert "circle" in dict(CompilePanel(model, y).form["loss"]["groups"])["Possible"]
    assert seqmagic.fit(model, x, y, epochs=1).wait().state == "done"
    with pytest.raises(DataError, match="'circle' expects one, the class") as caught:
        seqmagic.fit(model, x, np.eye(3)[y])
    assert "argmax" in str(caught.value)


@pytest.mark.parametrize("name", ["top2", "top 2"])
def test_a_metric_keeps_the_name_that_it_was_given(name: str) -> None:
    model = seqmagic.build(SMALL)
    metrics = [keras.metrics.SparseTopKCategoricalAccuracy(2, name=name), keras.metrics.MeanIoU(3)]
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=metrics)
    line = CompilePanel(model, data()[1]).compile_line
    again = read_compile(parse_step(line), {}).metrics
    assert [again[0].name, again[0].k] == [name, 2]
    assert line.endswith(" mean_iou(num_classes=3)"), "Keras's own name isn't said"


@pytest.mark.parametrize(
    ("labels", "metric", "level", "reason"),
    [
        (np.array([0, 1, 2]), "mean_iou(num_classes=3)", "wrong", "sparse_y_pred=false"),
        (np.array([0, 1, 2]), "mean_iou(num_classes=3, sparse_y_pred=false)", "", ""),
        (np.array([0, 1, 2]), "binary_iou", "wrong", "column by column"),
        (np.eye(3), "mean_iou(num_classes=3)", "unwise", "sparse_y_pred=false"),
        (np.eye(3), "mean_iou(num_classes=3, sparse_y_pred=false)", "wrong", "sparse_y_true=false"),
        (np.eye(3), "mean_iou(num_classes=3, sparse_y_true=false, sparse_y_pred=false)", "", ""),
    ],
)
def test_what_compares_classes_says_which_option_it_needs(labels: Any, metric: str, level: str, reason: str) -> None:
    made = panel("input 4 -> dense 3 softmax", labels)
    made.set("metrics.add", metric.partition("(")[0])
    for option in filter(None, metric.partition("(")[2].rstrip(")").split(", ")):
        made.set(f"metrics.1.{option.partition('=')[0]}", option.partition("=")[2])
    assert made.compile_line.endswith(f" {metric}")
    assert made.form["metrics"][1]["level"] == level
    assert reason in made.form["metrics"][1]["reason"]


@pytest.mark.parametrize(
    ("control", "text"),
    [
        *(("optimizer.weight_decay", text) for text in ("abc", "3x3", "nan")),
        *(("optimizer.clipnorm", text) for text in ("abc", "[1]", "-1")),
        ("optimizer.beta_1", "1"),
        ("optimizer.learning_rate", "1_0"),
        ("loss.ignore_class", "abc"),
        ("fit.epochs", "1e3"),
        ("fit.batch_size", "32.0"),
    ],
)
def test_what_is_no_fitting_number_is_said_beside_its_field(control: str, text: str) -> None:
    made = panel()
    made.set(control, text)
    where = made.form["optimizer"]["rate_problem"] if control.endswith("rate") else problems(made).get(control, "")
    assert "xpected: a" in where
    with pytest.raises(SeqmagicError):
        _ = (made.apply(), made.fit_options)


def test_an_emptied_field_goes_back_to_what_the_cell_says() -> None:
    made = panel()
    made.begin_fit({"epochs": 60})
    made.set("fit.epochs", "5")
    made.set("fit.epochs", "")
    assert made.fit_line.startswith("fit x y epochs=60 ")


def test_data_with_batches_of_its_own_has_no_batch_size() -> None:
    made = panel(fit="stream", streams=True)
    assert made.fit_line == "fit stream epochs=10"
    assert [field["control"] for field in made.form["fit"]] == ["fit.epochs", "fit.patience", "fit.until", "fit.class_weight"]


def test_the_optimizer_changes_where_the_metrics_belong_to_several_outputs() -> None:
    inputs = keras.Input((4,))
    model = keras.Model(inputs, {name: keras.layers.Dense(1, name=name)(inputs) for name in "ab"})
    model.compile("adam", {"a": "mse", "b": "mae"}, loss_weights={"a": 1.0, "b": 0.1}, metrics={"a": ["mae"]})
    made = CompilePanel(model)
    made.set("optimizer", "sgd")
    made.apply()
    assert type(model.optimizer) is keras.optimizers.SGD
    assert compiled_with(model)["metrics"] == {"a": ["mae"]}
    assert compiled_with(model)["loss_weights"] == {"a": 1.0, "b": 0.1}


def test_without_labels_only_the_last_layer_is_known() -> None:
    assert panel(labels=data()[1]).form["proposal"]["knowsData"]
    assert not CompilePanel(seqmagic.build(SMALL)).form["proposal"]["knowsData"]


def test_losses_that_only_fail_on_the_labels_at_hand_stand_apart_too() -> None:
    groups = dict(panel("input 4 -> dense 3 softmax", np.eye(3)[[0, 1, 2] * 8]).form["loss"]["groups"])
    assert {"circle", "ctc", "categorical_generalized_cross_entropy"} <= set(groups["Can't work here"])


def test_metrics_that_cannot_work_are_marked_beside_the_loss_that_is_chosen() -> None:
    made = panel("input 4 -> dense 3 softmax", np.array([0, 1, 2] * 8))
    groups = dict(made.form["more_metrics"])
    assert groups["Common"] == ["accuracy", "sparse_top_k_categorical_accuracy"]
    assert {"auc", "precision", "mae"} <= set(groups["Can't work here"])
    made = panel("input 4 -> dense 1 sigmoid", np.array([0, 1] * 8))
    assert {"auc", "precision", "recall"} <= set(dict(made.form["more_metrics"])["Common"])


def test_options_come_from_the_signature_and_stand_in_the_line() -> None:
    made = panel()
    made.set("optimizer", "sgd")
    assert [option["label"] for option in made.form["optimizer"]["options"]][:2] == ["Momentum", "Nesterov"]
    made.set("optimizer.momentum", "0.9")
    made.set("optimizer.nesterov", "true")
    made.set("loss.ignore_class", "2")
    made.set("metrics.add", "top_k_categorical_accuracy")
    assert made.compile_line == (
        "compile sgd(0.01, momentum=0.9, nesterov=true) sparse_categorical_crossentropy(ignore_class=2) accuracy top_k_categorical_accuracy"
    )
    made.set("optimizer.momentum", "0.0")
    made.set("optimizer.nesterov", "false")
    made.set("metrics.remove", "0")
    assert made.compile_line == "compile sgd(0.01) sparse_categorical_crossentropy(ignore_class=2) top_k_categorical_accuracy"


@pytest.mark.parametrize("word", SCHEDULES.words())
def test_a_schedule_begins_with_values_that_work(word: str) -> None:
    made = panel()
    made.set("optimizer.learning_rate", "0.05")
    made.set("schedule", word)
    assert problems(made) == {}
    assert "0.05" in made.compile_line
    made.apply()
    assert type(made.model.optimizer._learning_rate) is SCHEDULES.find(word)  # noqa: SLF001
    made.set("schedule", "")
    made.apply()
    assert float(made.model.optimizer.learning_rate) == pytest.approx(0.05 if word != "piecewise_constant_decay" else 0.001)


@pytest.mark.parametrize(
    ("control", "value", "found"),
    [
        ("optimizer.learning_rate", "quick", "rate"),
        ("optimizer.beta_1", "[", "optimizer.beta_1"),
        ("fit.epochs", "0", "fit.epochs"),
        ("fit.epochs", "x", "fit.epochs"),
        ("fit.batch_size", "2.5", "fit.batch_size"),
        ("fit.until", "accuracy", "fit.until"),
        ("fit.patience", "-1", "fit.patience"),
        ("fit.validation_split", "2", "fit.validation_split"),
        ("loss.label_smoothing", "much", "loss.label_smoothing"),
    ],
)
def test_what_is_wrong_is_said_beside_its_control_and_nowhere_else(control: str, value: str, found: str) -> None:
    made = panel("input 4 -> dense 1 sigmoid", np.array([0, 1] * 32))
    made.set(control, value)
    if found == "rate":
        assert made.form["optimizer"]["rate_problem"]
        assert problems(made) == {}
    else:
        assert set(problems(made)) == {found}
    with pytest.raises(SeqmagicError):
        made.apply() or made.fit_options
    assert value in made.form["lines"][control.startswith("fit")]


def test_a_goal_that_no_epoch_measures_is_refused_before_the_training() -> None:
    made = panel("input 4 -> dense 1 sigmoid", np.array([0, 1] * 32))
    made.set("fit.until", "val_accuracy > 0.9")
    assert problems(made) == {"fit.until": "val_accuracy needs a validation split, or validation_data on the %dashboard line."}
    made.set("fit.validation_split", "0.2")
    assert problems(made) == {}
    made.set("fit.until", "mean_absolute_error < 0.1")
    assert problems(made)["fit.until"] == (
        "An epoch reports loss, accuracy, val_loss and val_accuracy: use one of these, or add a metric above."
    )
    made.set("metrics.add", "MeanAbsoluteError")
    assert problems(made) == {}


def test_the_fit_line_gives_what_it_says() -> None:
    made = panel(labels=np.array([0, 0, 0, 1, 2, 2]), fit="x_train y_train")
    for control, value in (
        ("epochs", "20"),
        ("batch_size", "8"),
        ("validation_split", "0.2"),
        ("split", "shuffled"),
        ("patience", "3"),
        ("until", "accuracy > 0.9"),
    ):
        made.set(f"fit.{control}", value)
    assert made.fit_line == 'fit x_train y_train epochs=20 batch_size=8 validation_split=0.2 shuffled patience=3 until="accuracy > 0.9"'
    facts = {"epochs": 20, "batch_size": 8, "validation_split": 0.2, "split": "shuffled", "patience": 3, "until": "accuracy > 0.9"}
    assert made.fit_options == facts
    made.set("fit.class_weight", "true")
    assert made.fit_line.endswith(" class_weight=balanced")
    given = {"x_train": np.zeros(6), "y_train": np.zeros(6)}
    assert read_fit(parse_step(made.fit_line), given).options == made.fit_options == {**facts, "class_weight": "balanced"}
    made.set("fit.validation_split", "")
    assert "shuffled" not in made.fit_line
    assert "split" not in made.fit_options


def test_how_a_share_is_drawn_is_one_of_three_ways() -> None:
    made = panel(labels=np.array([0, 0, 0, 1, 2, 2]))
    made.begin_fit({"validation_split": 0.5, "split": "stratified", "class_weight": "balanced"})
    field = made.form["fit"][3]
    assert (field["control"], field["kind"], field["value"]) == ("fit.split", "choice", "stratified")
    assert field["words"] == [["", "last rows"], ["shuffled", "shuffled"], ["stratified", "stratified"]]
    assert made.fit_line.endswith("validation_split=0.5 stratified class_weight=balanced")
    made.set("fit.split", "")
    assert made.fit_line.endswith("validation_split=0.5 class_weight=balanced")


def test_labels_that_are_no_classes_have_no_weights_and_it_says_why() -> None:
    box = panel("input 4 -> dense 1", np.array([0.5, 1.5])).form["fit"][-1]
    assert (box["off"], box["about"]) == (True, "y contains no classes.")


def test_the_notebooks_own_things_are_offered_and_used() -> None:
    class Gentle(keras.optimizers.SGD):
        pass

    def far(y_true: Any, y_pred: Any) -> Any:
        return keras.ops.mean(keras.ops.abs(y_true - y_pred))

    def helper(text: str) -> str:
        return text

    names = {"Gentle": Gentle, "far": far, "mean_pred": mean_pred, "helper": helper, "rows": data()[0]}
    made = panel("input 4 -> dense 1", np.linspace(0, 1, 64), names=names)
    assert words(made.form["optimizer"]["groups"])["Of this notebook"] == ["Gentle"]
    assert words(made.form["loss"]["groups"])["Of this notebook"] == ["far", "mean_pred"]
    for control, word in (("optimizer", "Gentle"), ("loss", "far"), ("metrics.add", "mean_pred")):
        made.set(control, word)
    made.apply()
    assert isinstance(made.model.optimizer, Gentle)
    assert made.model.loss is far
    assert "rows" not in made.state.names


def test_a_wrong_word_changes_nothing() -> None:
    made = panel(SMALL + "\ncompile adam sparse_categorical_crossentropy")
    optimizer = made.model.optimizer
    made.set("metrics.add", "acuracy")
    assert "There is no metric called 'acuracy'" in problems(made)["metrics.0"]
    with pytest.raises(UnknownNameError):
        made.apply()
    assert made.model.optimizer is optimizer


def test_nothing_is_compiled_anew_where_nothing_was_changed() -> None:
    model = seqmagic.build(SMALL + "\ncompile adam sparse_categorical_crossentropy")
    optimizer = model.optimizer
    made = CompilePanel(model)
    made.apply()
    made.set("fit.epochs", "3")
    made.apply()
    assert model.optimizer is optimizer


def test_options_that_are_there_stay_when_another_control_changes() -> None:
    model = seqmagic.build("input 4 -> dense 3")
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.1, momentum=0.9), loss, metrics=[mean_pred])
    optimizer, made = model.optimizer, CompilePanel(model)
    assert made.compile_line == "compile sgd(0.1, momentum=0.9) sparse_categorical_crossentropy(from_logits=true) mean_pred"
    made.set("optimizer.learning_rate", "0.02")
    made.apply()
    assert model.optimizer is optimizer
    assert float(optimizer.learning_rate) == pytest.approx(0.02)
    made.set("metrics.add", "accuracy")
    made.apply()  # mean_pred is no word that this panel was given, and the model has it.
    assert compiled_with(model)["metrics"] == [mean_pred, "accuracy"]
    made.set("metrics.remove", "0")
    made.apply()
    assert compiled_with(model)["metrics"] == ["accuracy"]
    assert model.loss is loss
    assert model.optimizer is optimizer
    made.set("loss", "mse")
    made.apply()
    assert model.loss == "mean_squared_error"


def test_a_schedule_stays_and_a_cell_that_compiles_is_followed() -> None:
    model = seqmagic.build(SMALL + "\ncompile adam(exponential_decay(0.1, 100, 0.9)) sparse_categorical_crossentropy")
    optimizer, made = model.optimizer, CompilePanel(model)
    assert made.compile_line == "compile adam(exponential_decay(0.1, decay_steps=100, decay_rate=0.9)) sparse_categorical_crossentropy"
    made.set("metrics.add", "accuracy")
    made.apply()
    assert model.optimizer is optimizer
    model.compile("sgd", "mse")
    made.apply()
    assert made.compile_line == "compile sgd(0.01) mse"
    assert isinstance(model.optimizer, keras.optimizers.SGD)


def test_things_without_a_word_and_several_outputs_have_a_panel() -> None:
    class Own(keras.optimizers.SGD):
        pass

    inputs = keras.Input((4,))
    model = keras.Model(inputs, [keras.layers.Dense(1)(inputs), keras.layers.Dense(2)(inputs)])
    made = CompilePanel(model)
    assert made.compile_line == "compile adam(0.001)"
    assert re.match(r"The model has 2 outputs \(dense\w*, dense\w*\), and each needs its own loss", made.form["seen"])
    with pytest.raises(CompileError, match="several outputs, and no loss") as caught:
        made.apply()
    assert not model.compiled
    exec(str(caught.value.instead), {"model": model})  # noqa: S102  # What is said to be typed is typed.
    model.fit(np.zeros((4, 4)), [np.zeros((4, 1)), np.zeros((4, 2))], verbose=0)
    model.compile(Own(0.5), ["mse", lambda y_true, y_pred: y_pred])
    made = CompilePanel(model)
    assert made.compile_line == "compile own(0.5) ..."
    made.apply()
    assert isinstance(model.optimizer, Own)


def test_a_locked_panel_takes_nothing_from_the_page() -> None:
    made = panel()
    made.why_locked = lambda: "It is training."
    made.look()
    made._answer(made, {"kind": "set", "control": "optimizer", "value": "sgd"}, [])  # noqa: SLF001
    assert made.compile_line.startswith("compile adam")
    assert made.form["locked"] == "It is training."
    made.why_locked = lambda: ""
    made.look()
    made._answer(made, {"kind": "set", "control": "optimizer", "value": "sgd"}, [])  # noqa: SLF001
    assert made.compile_line.startswith("compile sgd")


def test_the_batch_size_that_the_input_fixes_is_the_first_value() -> None:
    assert panel("input 2x4 batch=4 -> lstm 3 stateful").fit_options["batch_size"] == 4


@pytest.mark.parametrize("word", [word for _, found in optimizer_groups("adam", []) for word in found])
def test_every_optimizer_is_described_as_it_was_made(word: str) -> None:
    made = OPTIMIZERS.find(word)()
    found = choice_of(made, OPTIMIZERS)
    again = read_compile(parse_step(f"compile {found.text()} mse"), {}).optimizer
    assert type(again) is type(made)
    assert again.get_config() | {"name": ""} == made.get_config() | {"name": ""}


def test_what_keras_refuses_as_a_whole_is_a_compile_error() -> None:
    model = seqmagic.build(SMALL)
    made = CompilePanel(model)
    made.set("metrics.add", "mean_iou")
    with pytest.raises((CompileError, SeqmagicError)):
        made.apply()
    assert not model.compiled
    assert describe(model, None).line() == "compile adam(0.001) sparse_categorical_crossentropy accuracy"


def test_a_metric_with_a_name_of_its_own_stays_itself_when_another_is_added() -> None:
    model = seqmagic.build("input 4 -> dense 1 sigmoid")
    spread, middle = lambda y_true, y_pred: keras.ops.std(y_pred), lambda y_true, y_pred: keras.ops.mean(y_pred)
    roc = keras.metrics.AUC(name="roc")
    model.compile("sgd", "binary_crossentropy", metrics=[roc, spread, middle])
    made = CompilePanel(model)
    assert made.compile_line == "compile sgd(0.01) binary_crossentropy auc(name=roc) ... ..."
    made.set("metrics.add", "mae")
    made.apply()
    assert compiled_with(model)["metrics"] == [roc, spread, middle, "mae"]
    assert "give it a name" in made.form["metrics"][1]["reason"]


def test_metrics_of_several_outputs_are_not_added_to() -> None:
    inputs = keras.Input((4,))
    model = keras.Model(inputs, {name: keras.layers.Dense(1, name=name)(inputs) for name in "ab"})
    model.compile("sgd", {"a": "mse", "b": "mae"}, metrics={"a": ["mae"]})
    made = CompilePanel(model)
    made.set("metrics.add", "mse")
    with pytest.raises(ArgumentError, match="not a plain list"):
        made.apply()
    assert compiled_with(model)["metrics"] == {"a": ["mae"]}


def test_a_function_goes_by_the_name_that_it_has_in_the_notebook() -> None:
    def make(power: float) -> Any:
        def inner(y_true: Any, y_pred: Any) -> Any:
            return keras.ops.mean(keras.ops.abs(y_true - y_pred) ** power)

        return inner

    mine, model = make(1.5), seqmagic.build("input 4 -> dense 1")
    model.compile("sgd", mine)
    named, nameless = CompilePanel(model, names={"mine": mine}), CompilePanel(model)
    assert (named.compile_line, named.form["loss"]["reason"]) == ("compile sgd(0.01) mine", "")
    assert (nameless.compile_line, nameless.form["loss"]["problem"]) == ("compile sgd(0.01) inner", "")
    assert "give it a name" in nameless.form["loss"]["reason"]


def test_what_mixed_precision_puts_around_an_optimizer_is_not_shown() -> None:
    model = seqmagic.build("input 4 -> dense 1")
    model.compile(keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(0.01)), "mse")
    made = CompilePanel(model)
    assert made.compile_line == "compile adam(0.01) mse"
    made.set("optimizer.learning_rate", "0.5")
    made.apply()
    assert float(model.optimizer.inner_optimizer.learning_rate) == 0.5


@pytest.mark.parametrize(
    "y",
    [np.array(["cat", "dog"]), pd.Series(["cat", "dog"]), pd.Series(["cat", "dog"], dtype="category"), np.array([None, 1])],
    ids=["text", "series", "categories", "objects"],
)
def test_labels_that_are_no_numbers_are_reported_as_that(y: Any) -> None:
    made = panel(labels=y)
    assert made.form["seen"].endswith("y contains no numbers, but training needs them.")
    assert made.form["fit"][-1]["about"] == "y contains no numbers."


def test_labels_with_values_missing_or_beyond_all_numbers_are_seen() -> None:
    assert "numbers from 1 to 2, and NaN or infinity" in panel(labels=np.array([1.0, np.nan, 2.0])).form["seen"]
    assert "numbers from 1 to 2, and NaN or infinity" in panel(labels=np.array([1.0, np.inf, 2.0])).form["seen"]


@pytest.mark.parametrize(
    ("text", "y", "best"),
    [
        ("dense 3", np.array([0, 1, 2]), "sparse_categorical_crossentropy(from_logits=true) accuracy"),
        ("dense 3", pd.Series([0, 1, 2]), "sparse_categorical_crossentropy(from_logits=true) accuracy"),
        ("dense 3", [0, 1, 2], "sparse_categorical_crossentropy(from_logits=true) accuracy"),
        ("dense 3", np.array([[0], [1], [2]]), "sparse_categorical_crossentropy(from_logits=true) accuracy"),
        ("dense 3", np.eye(3), "categorical_crossentropy(from_logits=true) accuracy"),
        ("dense 3", np.random.default_rng(1).random((5, 3)), "mse mae"),
        ("dense 1", np.array([0, 1, 2]), "mse mae"),
        ("dense 3 softmax", np.eye(3), "categorical_crossentropy accuracy"),
        ("dense 3 softmax", pd.DataFrame(np.eye(3)), "categorical_crossentropy accuracy"),
        ("dense 3 softmax", np.array([[0], [1], [2]]), "sparse_categorical_crossentropy accuracy"),
    ],
)
def test_what_is_said_to_fit_best_can_work(text: str, y: Any, best: str) -> None:
    made = panel(f"input 4 -> {text}", y)
    assert made.form["proposal"] == {"words": best, "differs": False, "knowsData": True}
    assert made.form["loss"]["level"] == ""
    assert [metric["level"] for metric in made.form["metrics"]] == [""]


@pytest.mark.parametrize(
    ("text", "y", "why_not"),
    [
        ("dense 3 sigmoid", np.array([[1, 1, 0], [0, 1, 1]]), "several numbers per row"),
        ("dense 1", np.array([18, 40, 65]), "no classes from 0 to 1"),
        ("dense 3 softmax", np.array([1, 1]), "only one class"),
    ],
)
def test_equal_class_weights_are_offered_for_classes_only(text: str, y: Any, why_not: str) -> None:
    box = panel(f"input 4 -> {text}", y).form["fit"][-1]
    assert box["off"]
    assert why_not in box["about"]


def test_an_emptied_learning_rate_is_the_usual_one_again() -> None:
    made = panel()
    made.set("optimizer.learning_rate", "0.5")
    made.set("optimizer.learning_rate", "")
    assert (made.compile_line.split()[1], made.form["optimizer"]["rate"]) == ("adam(0.001)", "0.001")


def test_a_new_rate_is_a_number_and_no_further_variable_of_the_optimizer() -> None:
    made = panel(SMALL + "\ncompile adam sparse_categorical_crossentropy")
    made.model.optimizer.build(made.model.trainable_variables)
    before = len(made.model.optimizer.variables)
    made.set("optimizer.learning_rate", "0.5")
    made.apply()
    assert len(made.model.optimizer.variables) == before


def test_what_fits_best_leaves_the_optimizer_and_other_metrics() -> None:
    made = panel()
    made.set("optimizer", "sgd")
    made.set("metrics.add", "mae")
    assert not made.form["proposal"]["differs"]
    made.set("loss", "mse")
    made.set("propose")
    assert made.compile_line == "compile sgd(0.01) sparse_categorical_crossentropy accuracy mae"


def test_schedules_begin_with_the_length_of_the_training() -> None:
    made = panel(labels=np.arange(1000) % 3)
    made.set("fit.validation_split", "0.2")
    made.set("schedule", "cosine_decay")
    assert "cosine_decay(0.001, decay_steps=250)" in made.compile_line
    made.set("schedule.decay_steps", "abc")
    assert problems(made)["schedule.decay_steps"] == "decay_steps is 'abc'. Expected: a number, such as 100."
    made.set("schedule", "piecewise_constant_decay")
    assert "boundaries=[125, 187]" in made.compile_line


def test_a_metric_that_only_compile_understands_is_not_judged() -> None:
    model = seqmagic.build(SMALL)
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["ce"])
    assert CompilePanel(model, data()[1]).form["metrics"][0]["level"] == ""


def test_class_weights_are_offered_where_the_number_of_classes_is_not_known() -> None:
    class Net(keras.Model):
        def call(self, x: Any) -> Any:
            return x

    assert CompatibilityCheck(Net(), np.array([0, 1, 1]), "y", {}).no_class_weights == ""


@pytest.mark.parametrize(
    ("last", "labels", "line"),
    [
        ("dense 1", np.array([0, 1, 1]), "binary_crossentropy(from_logits=true) binary_accuracy(threshold=0)"),
        ("dense 1", np.array([0, 1, 2]), "mse mae"),
        ("dense 1", np.array([0.5, 1, 0]), "mse mae"),
        ("dense 2", np.array([[0, 1], [1, 1]]), "binary_crossentropy(from_logits=true) binary_accuracy(threshold=0)"),
        ("dense 2 sigmoid", np.array([[0, 1], [1, 1]]), "binary_crossentropy binary_accuracy"),
        ("dense 2 sigmoid", np.array([[0, 1], [1, 0]]), "binary_crossentropy accuracy"),
    ],
)
def test_yes_or_no_labels_are_neither_amounts_nor_one_hot(last: str, labels: Any, line: str) -> None:
    model = seqmagic.build(f"input 4 -> {last}")
    made = CompilePanel(model, labels)
    assert made.compile_line == f"compile adam(0.001) {line}"
    assert made.form["proposal"] == {"words": line, "differs": False, "knowsData": True}
    made.apply()
    if "threshold" in line:  # Above 0 is a yes.
        assert float(compiled_with(model)["metrics"][0](labels.astype("float32"), np.where(labels, 0.1, -0.1))) == 1


def test_a_loss_of_the_notebooks_own_class_keeps_its_name_there() -> None:
    class Squares(keras.losses.Loss):
        def __init__(self, power: float = 2.0, name: str = "other") -> None:
            super().__init__(name=name)
            self.power = power

        def call(self, y_true: Any, y_pred: Any) -> Any:
            return keras.ops.mean(keras.ops.abs(y_true - y_pred) ** self.power, -1)

    class Slow(keras.optimizers.SGD):
        pass

    model, names = seqmagic.build(SMALL), {"Squares": Squares, "Slow": Slow}
    made = CompilePanel(model, None, names)
    made.set("loss", "Squares")
    made.set("optimizer", "Slow")
    made.apply()
    assert isinstance(model.loss, Squares)
    assert made.compile_line == CompilePanel(model, None, names).compile_line == "compile Slow(0.01) Squares accuracy"
    assert made.form["loss"]["word"] == "Squares"
    assert CompilePanel(model).compile_line == "compile slow(0.01) ... accuracy"
