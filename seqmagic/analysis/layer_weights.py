"""The weights of a layer: convolution filters as images, and histograms of any weight."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from seqmagic.analysis.value_range import count_in_bins
from seqmagic.errors import printable
from seqmagic.translation import gettext, ngettext

BINS = 30


@dataclass(frozen=True)
class WeightHistogram:
    """The distribution of one weight's values.

    Attributes:
        name: in the layer, such as kernel.
        shape: of the weight.
        trainable: whether training changes it.
        counts, edges: as returned by `count_in_bins`, over the finite values.
        mean, std, low, high: of the finite values; NaN if there are none.
        zeros: the number of values that are exactly 0.
        broken: the number of values that are NaN or infinite.
    """

    name: str
    shape: tuple[int, ...]
    trainable: bool
    counts: np.ndarray
    edges: np.ndarray
    mean: float
    std: float
    low: float
    high: float
    zeros: int
    broken: int

    @property
    def sentence(self) -> str:
        """A sentence with the numbers.

        >>> spread(np.array([[0.0, 1.0, 2.0]]), "kernel").sentence
        'kernel, 1×3: 3 numbers from 0 to 2, mean 1, standard deviation 0.816; 1 is exactly 0.'
        """
        size = int(np.prod(self.shape))
        axes = "×".join(map(str, self.shape))
        # One axis says no more than how many numbers there are.
        name = f"{self.name}, {axes}" if len(self.shape) > 1 else self.name
        first = (
            gettext("{name}: {size:,} numbers", name=name, size=size)
            if size - self.broken
            else gettext("{name}: no finite number", name=name)
        )
        if size == 1 and not self.broken:
            first = f"{name}: {self.mean:.3g}"
        elif size - self.broken:
            first += gettext(
                " from {low:.3g} to {high:.3g}, mean {mean:.3g}, standard deviation {std:.3g}",
                low=self.low,
                high=self.high,
                mean=self.mean,
                std=self.std,
            )
        more = [ngettext("{count} is exactly 0", "{count:,} are exactly 0", self.zeros)] if self.zeros and size > 1 else []
        more += [ngettext("{count} is NaN or infinite", "{count:,} are NaN or infinite", self.broken)] if self.broken else []
        parts = [first if self.trainable else gettext("{first}; not trainable", first=first), *more]
        return gettext("{sentence}.", sentence=gettext("; ").join(parts))


def histograms_of(layer: Any) -> list[WeightHistogram]:
    """A histogram for each weight of a layer, including nested layers; empty without weights.

    >>> [histogram.name for histogram in histograms_of(keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)]).layers[0])]
    ['kernel', 'bias']
    """
    named = [(name, variable, np.asarray(keras.ops.convert_to_numpy(variable), "float32")) for name, variable in named_weights(layer)]
    return [spread(values, name, trainable=variable.trainable) for name, variable, values in named]


def named_weights(layer: Any) -> Iterator[tuple[str, Any]]:
    """The numeric weights of a layer, each with a unique name: as much of its path as is needed."""
    variables = [variable for variable in getattr(layer, "weights", ()) if _holds_amounts(variable)]
    paths = [variable.path.split("/") for variable in variables]
    for variable, path in zip(variables, paths, strict=True):
        parts = next((n for n in range(1, len(path)) if sum(other[-n:] == path[-n:] for other in paths) == 1), len(path))
        yield printable("/".join(path[-parts:])), variable


def _holds_amounts(variable: Any) -> bool:
    return "float" in str(variable.dtype)


def spread(values: np.ndarray, name: str, *, trainable: bool = True) -> WeightHistogram:
    """The histogram of a weight's values."""
    whole = values[np.isfinite(values)]
    counts, edges = count_in_bins(whole, BINS)
    numbers = [float(ask(whole)) if whole.size else float("nan") for ask in (np.mean, np.std, np.min, np.max)]
    mean, std, low, high = numbers
    zeros, broken = int((values == 0).sum()), int(values.size - whole.size)
    return WeightHistogram(name, values.shape, trainable, counts, edges, mean, std, low, high, zeros, broken)


def filters_of(layer: Any) -> np.ndarray | None:
    """The filters of a 2D convolution as images: filters x rows x columns x channels; None for other layers.

    A filter has one channel per input channel. A depthwise convolution has one filter for each channel and multiplier.

    >>> filters_of(keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(5, 3)]).layers[0]).shape
    (5, 3, 3, 3)
    """
    if not isinstance(layer, CONVOLUTIONS) or not layer.built:
        return None
    kernel = np.asarray(keras.ops.convert_to_numpy(layer.kernel), "float32")
    if isinstance(layer, keras.layers.DepthwiseConv2D):
        rows, columns, channels, multiplier = kernel.shape
        return kernel.transpose(2, 3, 0, 1).reshape(channels * multiplier, rows, columns, 1)
    # The kernel of a transposed convolution has its output channels before the input channels.
    return kernel.transpose((2, 0, 1, 3) if isinstance(layer, keras.layers.Conv2DTranspose) else (3, 0, 1, 2))


CONVOLUTIONS = (keras.layers.Conv2D, keras.layers.Conv2DTranspose, keras.layers.DepthwiseConv2D)


def why_no_weights(layer: Any) -> str:
    """Why a layer has no weights to show, as a sentence."""
    if not getattr(layer, "built", True):
        return gettext("It has no weights yet: they are created when the model first sees data.")
    return gettext("Its weights are not numbers.") if getattr(layer, "weights", None) else gettext("It has no weights to learn.")
