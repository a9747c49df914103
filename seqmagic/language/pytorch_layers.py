"""PyTorch's layers: what each call of `torch.nn` is in this language.

    nn.Conv2d(1, 8, 3, padding=1)     conv 8 3 same
    nn.BatchNorm2d(8)     batchnorm momentum=0.9 epsilon=1e-05

Source: the documentation of `torch.nn` (signatures, defaults, and the formulas for the lengths of outputs).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from seqmagic.language.syntax import Call, Layer, Literal, Sequence, Word

Given = Mapping[str, Any]
RANKED = re.compile(r"(?P<kind>Conv|MaxPool|AvgPool|AdaptiveAvgPool|AdaptiveMaxPool|BatchNorm|Dropout|ZeroPad)(?P<rank>[123])d")
POOL = ("kernel_size", "stride", "padding", "dilation", "return_indices", "ceil_mode")
# The parameters of each layer, in order.
PARAMETERS: dict[str, tuple[str, ...]] = {
    "Conv": ("in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups", "bias"),
    "Linear": ("in_features", "out_features", "bias"),
    "LazyLinear": ("out_features", "bias"),
    "MaxPool": POOL,
    "AvgPool": POOL[:3],
    "AdaptiveAvgPool": ("output_size",),
    "AdaptiveMaxPool": ("output_size",),
    "BatchNorm": ("num_features", "eps", "momentum"),
    "LayerNorm": ("normalized_shape", "eps"),
    "Dropout": ("p", "inplace"),
    "ZeroPad": ("padding",),
    "Flatten": ("start_dim", "end_dim"),
    "Embedding": ("num_embeddings", "embedding_dim"),
    "LeakyReLU": ("negative_slope", "inplace"),
    "ELU": ("alpha", "inplace"),
    "Softmax": ("dim",),
    "LogSoftmax": ("dim",),
    **dict.fromkeys(("ReLU", "ReLU6", "SELU", "SiLU", "Mish", "Hardswish"), ("inplace",)),
}
ACTIVATIONS = {
    **{name: name.lower() for name in ("ReLU", "ReLU6", "Sigmoid", "Tanh", "SELU", "SiLU", "Softplus", "Softsign", "Mish")},
    "GELU": "gelu",
    "Softmax": "softmax",
    "LogSoftmax": "log_softmax",
    "Hardswish": "hard_swish",
}
# Each loss by the word for it here.
LOSSES = {
    "CrossEntropyLoss": "sparse_categorical_crossentropy",
    "NLLLoss": "sparse_categorical_crossentropy",
    "BCELoss": "binary_crossentropy",
    "BCEWithLogitsLoss": "binary_crossentropy",
    "MSELoss": "mse",
    "L1Loss": "mae",
    "SmoothL1Loss": "huber",
    "HuberLoss": "huber",
}
# Layers that are not written here, and have other names or other arguments in Keras.
UNWRITTEN = re.compile(
    r"GroupNorm|InstanceNorm[123]d|LocalResponseNorm|Upsample\w*|ConvTranspose[123]d|Pixel(?:Un)?[Ss]huffle|Unflatten|\w*Pad[123]d|MaxUnpool[123]d"
    r"|FractionalMaxPool[23]d|LPPool[12]d|FeatureAlphaDropout|MultiheadAttention|Transformer\w+|Bilinear|EmbeddingBag|Fold|Unfold|Hardtanh"
    r"|Hardsigmoid|Tanhshrink|Softshrink|Hardshrink|GLU|RReLU|CELU|LogSigmoid|Softmin|Softmax2d|Module(?:List|Dict)|\w+Cell"
)
# Arguments that no layer of Keras has.
ONLY_THERE = (
    "dim",
    "inplace",
    "start_dim",
    "end_dim",
    "num_embeddings",
    "embedding_dim",
    "in_features",
    "in_channels",
    "num_features",
)
# Layers that are spelled like this there alone, and how many values they need there.
LEAST = {"Linear": 2, "Conv": 3, "BatchNorm": 1, "AdaptiveAvgPool": 1, "AdaptiveMaxPool": 1}


class UntranslatableError(Exception):
    """A layer that has no equal in Keras, or none that can be told from its call."""


@dataclass(frozen=True)
class Written:
    """A layer in this language.

    Attributes:
        text: empty for a layer that does nothing.
        side: the length of an axis of its output, by that of its input; None if it has no fixed length.
        is_foldable: whether an activation may follow in the same layer.
    """

    text: str
    side: Callable[[int], int | None] = lambda side: side
    is_foldable: bool = False


def name_of(layer: Layer | Call) -> str:
    """The name of a layer's class without the module before it."""
    return layer.word.text.rpartition(".")[2] if isinstance(layer.word, Word) else ""


def kind_of(name: str) -> tuple[str, int]:
    """The kind of a layer and its rank: ("Conv", 2) for Conv2d; 0 for a layer without a rank."""
    ranked = RANKED.fullmatch(name)
    return (ranked["kind"], int(ranked["rank"])) if ranked else (name, 0)


def is_only_there(layer: Layer | Call) -> bool:
    """Whether no layer of Keras is called like this, even if `nn.` is not written before it: Linear(4, 8), Softmax(dim=1)."""
    name, named = name_of(layer), [argument.name.text for argument in layer.arguments if argument.name is not None]
    kind = kind_of(name)[0]
    if "p" in named and isinstance(layer.word, Word) and layer.word.text != name:  # Keras's first version had a `p`, too, but no `nn`.
        return True
    if any(one in ONLY_THERE and one in PARAMETERS.get(kind, ()) for one in named):
        return True
    return kind in LEAST and len(layer.arguments) >= LEAST[kind] and all(one in PARAMETERS[kind] for one in named)


def bind(layer: Layer | Call) -> dict[str, Any]:
    """The arguments of a call by name.

    Raises:
        UntranslatableError: At an argument that is not a plain value, or that no layer of this name has.
    """
    parameters = PARAMETERS.get(kind_of(name_of(layer))[0], ())
    placed = iter(parameters)
    bound: dict[str, Any] = {}
    for argument in layer.arguments:
        name = argument.name.text if argument.name is not None else next(placed, "")
        if name not in parameters:
            raise UntranslatableError
        bound[name] = _plain(argument.value)
    return bound


def _plain(value: Any) -> Any:
    if isinstance(value, Literal):
        return value.value
    if isinstance(value, Sequence) and all(isinstance(item, Literal) for item in value.items):
        return tuple(item.value for item in value.items)  # type: ignore[union-attr]
    raise UntranslatableError


def write(layer: Layer | Call) -> Written:
    """A layer in this language.

    Raises:
        UntranslatableError: If it has no equal.
    """
    name = name_of(layer)
    if name == "Identity":
        return Written("")
    if name in ACTIVATIONS:
        if bind(layer).get("dim", 1) not in (1, -1):
            raise UntranslatableError
        return Written(ACTIVATIONS[name])
    kind, rank = kind_of(name)
    writer = WRITERS.get(kind)
    if writer is None:
        raise UntranslatableError
    try:
        return writer({"rank": rank, **bind(layer)})
    except KeyError:  # A required argument is missing.
        raise UntranslatableError from None


def _conv(given: Given) -> Written:
    kernel, stride, dilation = _sides(given, "kernel_size"), _sides(given, "stride", 1), _sides(given, "dilation", 1)
    spread = tuple(d * (k - 1) for k, d in zip(kernel, dilation, strict=True))
    padding = _padding(given, spread, stride)
    words = ["same"] if padding is None else []
    words += [f"strides={_size(stride)}"] if set(stride) != {1} else []
    words += [f"dilation_rate={_size(dilation)}"] if set(dilation) != {1} else []
    words += [f"groups={given['groups']}"] if given.get("groups", 1) != 1 else []
    words += ["use_bias=false"] if given.get("bias", True) is False else []
    before = f"zeropad {_size(padding)} -> " if padding is not None and any(padding) else ""
    text = " ".join([f"{before}conv {given['out_channels']} {_size(kernel)}", *words])
    lost = spread[0] - 2 * padding[0] if padding is not None else 0
    return Written(text, lambda side: (side - lost - 1) // stride[0] + 1, is_foldable=True)


def _padding(given: Given, spread: tuple[int, ...], stride: tuple[int, ...]) -> tuple[int, ...] | None:
    """The zeros on both sides of each axis; None where this is what Keras calls "same".

    With larger steps it is not: PyTorch then pads both sides, and Keras the end first.
    """
    padding = given.get("padding", 0)
    if padding == "valid":
        return (0,) * given["rank"]
    if padding == "same":
        return None
    sides = _sides(given, "padding", 0)
    return None if any(sides) and set(stride) == {1} and tuple(2 * side for side in sides) == spread else sides


def _dense(given: Given) -> Written:
    return Written(f"dense {given['out_features']}{' use_bias=false' if given.get('bias', True) is False else ''}", is_foldable=True)


def _pool(word: str) -> Callable[[Given], Written]:
    def write(given: Given) -> Written:
        kernel = _sides(given, "kernel_size")
        stride = _sides(given, "stride", 0)
        stride = stride if any(stride) else kernel
        if any(given.get(name) for name in ("padding", "return_indices", "ceil_mode")) or given.get("dilation", 1) != 1:
            raise UntranslatableError
        strides = f" strides={_size(stride)}" if stride != kernel else ""
        return Written(f"{word} {_size(kernel)}{strides}", lambda side: (side - kernel[0]) // stride[0] + 1)

    return write


def _global_pool(word: str) -> Callable[[Given], Written]:
    def write(given: Given) -> Written:
        if set(_sides(given, "output_size")) != {1}:
            raise UntranslatableError
        return Written(word, lambda side: 1)

    return write


def _batch_norm(given: Given) -> Written:
    momentum = given.get("momentum", 0.1)
    if momentum is None:
        raise UntranslatableError
    # Keras's momentum is the share of the old mean, PyTorch's that of the new one.
    return Written(f"batchnorm momentum={round(1 - momentum, 9):g} epsilon={given.get('eps', 1e-5):g}")


def _layer_norm(given: Given) -> Written:
    if not isinstance(given["normalized_shape"], int):
        raise UntranslatableError
    return Written(f"layernorm epsilon={given.get('eps', 1e-5):g}")


def _dropout(given: Given) -> Written:
    word = f"spatialdropout{given['rank']}d" if given["rank"] else "dropout"
    return Written(f"{word} {given.get('p', 0.5):g}")


def _zero_pad(given: Given) -> Written:
    padding = _sides(given, "padding")
    return Written(f"zeropad {_size(padding)}", lambda side: side + 2 * padding[0])


def _flatten(given: Given) -> Written:
    if given.get("start_dim", 1) != 1 or given.get("end_dim", -1) != -1:
        raise UntranslatableError
    return Written("flatten")


def _sides(given: Given, name: str, default: int | None = None) -> tuple[int, ...]:
    """A value for each axis.

    Raises:
        UntranslatableError: If it isn't one or that many whole numbers.
    """
    value = given[name] if default is None else given.get(name, default)
    sides = value if isinstance(value, tuple) else (value,) * given["rank"]
    if len(sides) != given["rank"] or not all(type(side) is int for side in sides):
        raise UntranslatableError
    return sides


def _size(sides: tuple[int, ...]) -> str:
    return str(sides[0]) if len(set(sides)) == 1 else "x".join(map(str, sides))


WRITERS: dict[str, Callable[[Given], Written]] = {
    "Conv": _conv,
    "Linear": _dense,
    "LazyLinear": _dense,
    "MaxPool": _pool("maxpool"),
    "AvgPool": _pool("avgpool"),
    "AdaptiveAvgPool": _global_pool("gap"),
    "AdaptiveMaxPool": _global_pool("globalmaxpool"),
    "BatchNorm": _batch_norm,
    "LayerNorm": _layer_norm,
    "Dropout": _dropout,
    "ZeroPad": _zero_pad,
    "Flatten": _flatten,
    "Embedding": lambda given: Written(f"embedding {given['num_embeddings']} {given['embedding_dim']}"),
    "LeakyReLU": lambda given: Written(f"leakyrelu negative_slope={given.get('negative_slope', 0.01):g}"),
    "ELU": lambda given: Written(f"elu alpha={given.get('alpha', 1.0):g}"),
}
