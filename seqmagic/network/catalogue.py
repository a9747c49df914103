"""The catalogue: Keras's classes and functions by word, read from the installed Keras so that it is never out of date."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from types import ModuleType
from typing import Any

import keras

from seqmagic.errors import Span, UnknownNameError
from seqmagic.network.common_mistakes import ELSEWHERE
from seqmagic.network.other_names import OTHER_NAMES
from seqmagic.network.signatures import unsigned_parameters
from seqmagic.translation import gettext, gettext_noop

# Short forms of Keras's names. A ? stands for the rank (1D, 2D, 3D), which is inferred from the input shape. If a layer has several, the
# first one is used to describe models.
SHORT_LAYERS = {
    "conv": "Conv?",
    "convtranspose": "Conv?Transpose",
    "separableconv": "SeparableConv?",
    "sepconv": "SeparableConv?",
    "depthwiseconv": "DepthwiseConv?",
    "dwconv": "DepthwiseConv?",
    "maxpool": "MaxPooling?",
    "maxpooling": "MaxPooling?",
    "avgpool": "AveragePooling?",
    "averagepool": "AveragePooling?",
    "averagepooling": "AveragePooling?",
    "gap": "GlobalAveragePooling?",
    "globalavgpool": "GlobalAveragePooling?",
    "globalaveragepooling": "GlobalAveragePooling?",
    "gmp": "GlobalMaxPooling?",
    "globalmaxpool": "GlobalMaxPooling?",
    "globalmaxpooling": "GlobalMaxPooling?",
    "spatialdropout": "SpatialDropout?",
    "upsampling": "UpSampling?",
    "upsample": "UpSampling?",
    "zeropadding": "ZeroPadding?",
    "zeropad": "ZeroPadding?",
    "cropping": "Cropping?",
    "crop": "Cropping?",
    "convlstm": "ConvLSTM?",
    "batchnorm": "BatchNormalization",
    "bn": "BatchNormalization",
    "layernorm": "LayerNormalization",
    "ln": "LayerNormalization",
    "bidirectional": "Bidirectional",
    "bidir": "Bidirectional",
}
SHORT_LOSSES = {
    "mse": "mean_squared_error",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "msle": "mean_squared_logarithmic_error",
    "bce": "binary_crossentropy",
    "kld": "kl_divergence",
    "kldivergence": "kl_divergence",
    "logcosh": "log_cosh",
}
SHORT_INITIALIZERS = {"normal": "random_normal", "uniform": "random_uniform", "zero": "zeros", "one": "ones"}
# Strings that `compile` itself resolves: it picks the metric that fits the loss and the shapes.
SPECIAL_METRICS = {"accuracy": "accuracy", "acc": "accuracy", "crossentropy": "crossentropy", "ce": "crossentropy"}
BASES = {
    "Layer",
    "Loss",
    "Metric",
    "Optimizer",
    "Initializer",
    "Regularizer",
    "Constraint",
    "LearningRateSchedule",
    "Callback",
    "CallbackList",
}
PLUMBING = {"get", "serialize", "deserialize", "clone_initializer", "MeanMetricWrapper", "OptimizerMap"}
UNLISTED = {"LossScaleOptimizer"}  # Known, but not offered: with mixed_float16 Keras adds it automatically.


def normalize(word: str) -> str:
    """The form in which names are compared: Conv2D, conv2d and conv_2d are equal."""
    return word.lower().replace("_", "")


@dataclass(frozen=True)
class Registry:
    """The words of one kind: layers, activations, optimizers, ...

    >>> LAYERS.find("conv_2d").__name__
    'Conv2D'

    Attributes:
        kind: as it appears in messages, such as "layer".
        module: of Keras, which contains them.
        short: short forms, by normalized spelling.
        base: the base class of the entries, if the module contains other classes too.
    """

    kind: str
    module: ModuleType
    short: Mapping[str, str] = field(default_factory=dict)
    base: type | None = None

    @cached_property
    def _entries(self) -> dict[str, Any]:
        entries: dict[str, Any] = {}
        for name in dir(self.module):
            thing = getattr(self.module, name)
            if name.startswith("_") or name in BASES | PLUMBING or not callable(thing):
                continue
            if self.base is not None and not (inspect.isclass(thing) and issubclass(thing, self.base)):
                continue
            # A class and a function may share a spelling (BinaryCrossentropy, binary_crossentropy): prefer the class, which has options.
            if normalize(name) not in entries or inspect.isclass(thing):
                entries[normalize(name)] = thing
        if self.module is keras.layers:
            entries["sequential"] = keras.Sequential  # A model is a layer too: sequential(dense 8 -> dense 4).
        return entries

    @cached_property
    def _functions(self) -> dict[str, str]:
        names = [name for name in dir(self.module) if inspect.isfunction(getattr(self.module, name)) and self._is_known(name)]
        return {normalize(name): name for name in names}

    def _is_known(self, name: str) -> bool:
        """Whether Keras can look up one of its own functions by name: a few are missing from its registry."""
        get = getattr(self.module, "get", None)
        try:
            return name in PLUMBING or get is None or get(name) is not None
        except ValueError:
            return False

    def find(self, word: str) -> Any:
        """The class or function for a word, or None; a prefix such as `tf.keras.layers.` is ignored."""
        key = normalize(word.rpartition(".")[2])
        return self._entries.get(normalize(self.short.get(key, key)))

    def function_name(self, word: str) -> str | None:
        """Keras's spelling of a word for a function, such as `mean_squared_error` for `mse`."""
        key = normalize(word.rpartition(".")[2])
        return self._functions.get(normalize(self.short.get(key, key)))

    def words(self) -> list[str]:
        """All words of this kind, as messages spell them."""
        listed = (name for name in dir(self.module) if name not in UNLISTED)
        own = (name for name in listed if self._entries.get(normalize(name)) is getattr(self.module, name))
        names = (self._functions.get(normalize(name)) or snake(name) for name in own)
        return sorted({*names, *(word for word in self.short if not self.short[word].endswith("?"))})

    def unknown(self, word: str, span: Span | None, extra: Iterable[str] = ()) -> UnknownNameError:
        """The error for an unknown word; for a word of another kind, it says where that belongs."""
        meant = self._meant_by(word)
        if meant is not None:
            hint = "" if meant else gettext("Keras has none that computes this.")
            error = UnknownNameError(self.kind, word, meant, hint=hint, span=span)
            error.candidates = meant
            return error
        hint = next((registry.place for registry in REGISTRIES if registry is not self and registry.place and registry.find(word)), "")
        sentence = gettext("{word!r} is {hint}", word=word, hint=gettext(hint)) if hint else ""
        return UnknownNameError(self.kind, word, [*self.words(), *extra], hint=sentence, span=span)

    def _meant_by(self, word: str) -> tuple[str, ...] | None:
        """The words of this kind that a name from elsewhere may stand for, if it is one."""
        key = normalize(word.rpartition(".")[2])
        layer = ELSEWHERE.get(key)
        if layer is not None and (self.find(layer) is not None or layer in {*RANK_LESS, "input"}):
            return (layer,)
        return OTHER_NAMES.get(self.kind, {}).get(key)

    @property
    def place(self) -> str:
        """Where a word of this kind belongs, as a hint."""
        return PLACES.get(self.kind, "")


PLACES = {
    "layer": gettext_noop("a layer: write it first on its own line."),
    "activation": gettext_noop("an activation: write it after its layer, as in `dense 10 softmax`."),
    "optimizer": gettext_noop("an optimizer: write it first on the compile line, as in `compile adam mse`."),
    "loss": gettext_noop("a loss: write it second on the compile line, as in `compile adam mse`."),
    "metric": gettext_noop("a metric: write it last on the compile line, as in `compile adam mse accuracy`."),
}


def snake(name: str) -> str:
    """A class name in the spelling of the language: BatchNormalization becomes batch_normalization, Conv2D conv2d.

    >>> snake("GlobalAveragePooling1D"), snake("LSTMCell"), snake("AdamW"), snake("ReLU")
    ('global_average_pooling1d', 'lstm_cell', 'adamw', 'relu')
    """
    name = ONE_WORD.sub(lambda match: match[0].capitalize(), name)
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


ONE_WORD = re.compile("AdamW|IoU|KLDivergence|NaN|PReLU|ReLU|RMSprop|TensorBoard")  # Capitals here don't start a new word.

LAYERS = Registry(gettext_noop("layer"), keras.layers, {k: v for k, v in SHORT_LAYERS.items() if "?" not in v}, keras.layers.Layer)
ACTIVATIONS = Registry(gettext_noop("activation"), keras.activations)
OPTIMIZERS = Registry(gettext_noop("optimizer"), keras.optimizers, base=keras.optimizers.Optimizer)
LOSSES = Registry(gettext_noop("loss"), keras.losses, SHORT_LOSSES)
METRICS = Registry(gettext_noop("metric"), keras.metrics, {**SHORT_LOSSES, **SPECIAL_METRICS})
INITIALIZERS = Registry(gettext_noop("initializer"), keras.initializers, SHORT_INITIALIZERS)
REGULARIZERS = Registry(gettext_noop("regularizer"), keras.regularizers)
CONSTRAINTS = Registry(gettext_noop("constraint"), keras.constraints)
SCHEDULES = Registry(gettext_noop("learning rate schedule"), keras.optimizers.schedules)
CALLBACKS = Registry(gettext_noop("callback"), keras.callbacks, base=keras.callbacks.Callback)
REGISTRIES = (LAYERS, ACTIVATIONS, OPTIMIZERS, LOSSES, METRICS)

# Layers that can't be part of a Sequential, and why, as the end of a sentence that begins with the word.
_JOINS = gettext_noop("combines the outputs of several layers, which a Sequential model can't do. Use Keras's functional API instead.")
_COMPARES = gettext_noop(
    "takes several inputs (query and value), which a Sequential model can't give it. Use Keras's functional API instead."
)
_STEP = gettext_noop("is one step of a recurrent layer: write it after rnn, as in `rnn gru_cell 32`.")
_FOREIGN = gettext_noop("wraps a model of another framework: create it in a Python cell and use it by its name.")
_BOXES = gettext_noop("works on images together with their labels or boxes, and a Sequential model passes on only the images.")
NOT_IN_A_SEQUENCE: dict[Any, str] = {
    **dict.fromkeys(
        (getattr(keras.layers, name) for name in ("Add", "Average", "Concatenate", "Dot", "Maximum", "Minimum", "Multiply", "Subtract")),
        _JOINS,
    ),
    **dict.fromkeys(
        (getattr(keras.layers, name) for name in ("AdditiveAttention", "Attention", "GroupQueryAttention", "MultiHeadAttention")), _COMPARES
    ),
    **dict.fromkeys((getattr(keras.layers, name) for name in ("GRUCell", "LSTMCell", "SimpleRNNCell", "StackedRNNCells")), _STEP),
    **dict.fromkeys((getattr(keras.layers, name) for name in ("FlaxLayer", "JaxLayer", "TorchModuleWrapper")), _FOREIGN),
    **dict.fromkeys((getattr(keras.layers, name) for name in ("CutMix", "MixUp", "MaxNumBoundingBoxes")), _BOXES),
    keras.layers.Equalization: gettext_noop(
        "registers its input as its output in Keras, which makes a loop in the graph: apply it to the data instead."
    ),
    keras.layers.HashedCrossing: gettext_noop(
        "crosses several columns, which a Sequential model can't give it. Use Keras's functional API instead."
    ),
    keras.layers.TFSMLayer: gettext_noop(
        "loads a model from a file, which this language doesn't allow: create it in a Python cell and use it by its name."
    ),
    keras.layers.Wrapper: gettext_noop("is only the base class of wrappers: write time_distributed or bidirectional."),
}

RANK = re.compile("[123]D")


def short_word(name: str, *, ranked: bool) -> str:
    """The word for a Keras layer in a text.

    >>> short_word("Conv2D", ranked=False), short_word("Conv2D", ranked=True), short_word("BatchNormalization", ranked=True)
    ('conv', 'conv2d', 'batchnorm')

    Args:
        ranked: whether the word must include the rank, because no input shape is known to infer it from.
    """
    pattern = name if ranked else RANK.sub("?", name)
    return next((word for word, target in SHORT_LAYERS.items() if target == pattern), snake(name))


RANK_LESS = {word: name for word, name in SHORT_LAYERS.items() if "?" in name}


def registry_of_parameter(name: str) -> Registry | None:
    """The registry for the values of a parameter, by Keras's parameter names."""
    if name.endswith("initializer"):
        return INITIALIZERS
    if name.endswith("regularizer"):
        return REGULARIZERS
    if name.endswith("constraint"):
        return CONSTRAINTS
    if name.endswith("activation"):
        return ACTIVATIONS
    if name in PARAMETERS_OF_KIND:
        return PARAMETERS_OF_KIND[name]
    return None


PARAMETERS_OF_KIND = {
    "learning_rate": SCHEDULES,
    "initial_learning_rate": SCHEDULES,
    "callbacks": CALLBACKS,
    "inner_optimizer": OPTIMIZERS,
    **dict.fromkeys(("layer", "cell", "layers", "cells", "backward_layer"), LAYERS),
}


# Arguments of every layer, hidden behind **kwargs in its own signature. `adapt` is seqmagic's own: the data to adapt to.
COMMON_LAYER_PARAMETERS = {"name": None, "trainable": True, "dtype": None, "activity_regularizer": None, "autocast": True}


@lru_cache(maxsize=512)
def parameters_of(target: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """The parameters of a class or function, in Keras's order; the common arguments of layers come last."""
    # `__new__` of some classes, such as Sequential, accepts anything: their parameters are those of `__init__`.
    has_own = inspect.isclass(target) and target.__init__ is not object.__init__
    signature = inspect.signature(target.__init__ if has_own else target)
    fixed = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    given = list(signature.parameters.items())[has_own:]  # Drop the first parameter of `__init__`, whatever its name.
    found = {name: p for name, p in given if p.kind not in fixed and name != "self"}
    kind: Any = target  # For mypy, which doesn't accept a class of unknown type as a cache key.
    if inspect.isclass(target) and issubclass(target, keras.layers.Layer):
        more = {**COMMON_LAYER_PARAMETERS, **({"adapt": None} if hasattr(target, "adapt") else {})}
        for name, parameter in unsigned_parameters(kind).items():
            found.setdefault(name, parameter)
        for name, default in more.items():
            found.setdefault(name, inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default))
    return found
