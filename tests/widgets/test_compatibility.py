"""What the compile panel says of a metric is what Keras does with it, metric for metric."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import seqmagic
from seqmagic.data import labels as label_checks
from seqmagic.forms.choices import Choice, options_of
from seqmagic.forms.compatibility import CompatibilityCheck, loss_groups
from seqmagic.forms.word_groups import metric_words
from seqmagic.language import parse_step
from seqmagic.network.catalogue import METRICS
from seqmagic.options.compile_line import read_compile
from tests.support.small_network import data

LABELS = [("softmax", data()[1]), ("softmax", np.eye(3)[data()[1]]), ("sigmoid", np.eye(3)[data()[1]]), ("sigmoid", data()[1] // 2)]


@pytest.mark.parametrize(("activation", "labels"), LABELS, ids=["numbers", "one-hot", "yes or no for each", "yes or no"])
def test_a_metric_is_called_wrong_where_keras_fails_with_it_and_only_there(activation: str, labels: Any) -> None:
    loss = {"sigmoid": "binary_crossentropy"}.get(
        activation, "categorical_crossentropy" if labels.ndim == 2 else "sparse_categorical_crossentropy"
    )
    model = seqmagic.build(f"input 4 -> dense {3 if labels.ndim == 2 or activation == 'softmax' else 1} {activation}")
    compatibility = CompatibilityCheck(model, labels, "y", {})
    for word in metric_words():
        if any(option.default == "" for option in options_of(METRICS.find(word))):
            continue
        options = read_compile(parse_step(f"compile sgd {loss} {word}"), {})
        model.compile(options.optimizer, options.loss, metrics=options.metrics, run_eagerly=True)
        try:
            model.train_on_batch(data()[0], labels)
            fails = ""
        except Exception as error:
            fails = str(error)
        found = compatibility.metric(Choice(word), Choice(loss))
        assert bool(fails) <= (found.level == "wrong"), (word, fails[:300])
        # Keras compares columns with numbers without a word, and what comes out means nothing.
        assert (found.level == "wrong") <= (bool(fails) or "column by column" in found.reason), (word, found)


def test_what_can_not_work_is_reported_without_trying_what_to_do_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("nobody is shown what was tried")

    monkeypatch.setattr(label_checks, "LabelTrial", refuse)
    model = seqmagic.build("input 4 -> dense 3 softmax")
    groups = dict(loss_groups(CompatibilityCheck(model, np.array([0, 1, 2]), "y", {}), Choice(""), []))
    assert "categorical_crossentropy" in groups["Can't work here"]
    assert len(groups["Can't work here"]) > 10
