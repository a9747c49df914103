"""The request for a look: a model with data that have been checked for it, and the view on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from seqmagic.analysis.forward_pass import ForwardPass, choose_head
from seqmagic.analysis.samples import gather, samples_of_last_run
from seqmagic.analysis.task import heads_of
from seqmagic.analysis.vocabulary import offering_vectorizer, with_known_words, with_words, words_of
from seqmagic.describe.source import name_of_model
from seqmagic.errors.boundary import TEXT, Kind, instance_of, raises_ours
from seqmagic.training.request import ARGUMENTS
from seqmagic.widgets.look.view import LookView
from seqmagic.widgets.notebook_names import call_by_variable, notebook_names

CLASS_NAMES = Kind("a list of names", lambda names: not isinstance(names, str) and hasattr(names, "__len__") and hasattr(names, "__iter__"))
WORDS = Kind("a list of words, or a TextVectorization", lambda words: CLASS_NAMES.fits(words) or hasattr(words, "get_vocabulary"))


@raises_ours(
    model=instance_of("a Keras model", keras.Model), output=TEXT, class_names=CLASS_NAMES, words=WORDS, data_names=ARGUMENTS["data_names"]
)
def look(
    model: keras.Model,
    x: Any = None,
    y: Any = None,
    *,
    output: str | None = None,
    class_names: Sequence[Any] = (),
    words: Any = (),
    data_names: tuple[str, str] = ("x", "y"),
) -> LookView:
    """Show what a trained model does with data: samples with predictions, the worst mistakes first, and what can be learned from them.

    >>> look(model, x_test, y_test)                                         # doctest: +SKIP
    >>> look(model)                                                         # doctest: +SKIP
    >>> look(model, x_test, y_test, class_names=["cat", "dog"])             # doctest: +SKIP

    The model is not changed. If it is training, it is shown live, and with all samples when the training has ended.

    Args:
        model: a built Keras model.
        x, y: the data, one sample per row, and optionally the labels; or a dataset. By default, the validation data of the model's last
            run, or if there are none, its training data.
        output: the name of the output to show, if the model has several.
        class_names: the names of the classes, starting with class 0.
        words: the meaning of the tokens: a list starting with token 0, or the TextVectorization layer that made them. By default, a fitting
            one of the notebook is used.
        data_names: the names of the data and the labels.

    Returns:
        A view, which a notebook displays, and a terminal prints as text.

    Raises:
        DataError: If the data doesn't fit the model, or there is none.
    """
    view = LookView(make_pass(model, x, y, output=output, class_names=class_names, words=words, data_names=data_names))
    view.begin().result()
    return view


def make_pass(
    model: keras.Model,
    x: Any,
    y: Any,
    *,
    output: str | None = None,
    class_names: Sequence[Any] = (),
    words: Any = (),
    data_names: tuple[str, str] = ("x", "y"),
) -> ForwardPass:
    """Prepare a forward pass through a model, with data that have been checked for it.

    Args:
        x: None for the data of the model's last run.
    """
    names = notebook_names()
    call_by_variable(model, names)
    choose_head(heads_of(model), output, name_of_model(model))
    with offering_vectorizer(model, x, data_names[0], names):
        samples = samples_of_last_run(model) if x is None else gather(model, x, y, data_names)
    known = words_of(words)
    samples = with_words(samples, known) if known else with_known_words(model, samples, names)
    return ForwardPass(model, samples, output, class_names)
