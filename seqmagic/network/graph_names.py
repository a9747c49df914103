"""Graph names: TensorFlow allows few characters in scope names, but users name their models and layers as they like."""

from __future__ import annotations

import re
import unicodedata

import keras

from seqmagic.keras_internals.layers import layers_inside, name_in_graph

# TensorFlow's pattern for the outermost scope, which is named after the model; inner scopes may also begin with other characters.
OUTERMOST = re.compile(r"[A-Za-z0-9.][A-Za-z0-9_.\\>-]*")


def is_graph_name(name: str) -> bool:
    """Whether Keras can train a model with this name.

    >>> is_graph_name("digits"), is_graph_name("größe"), is_graph_name("_net")
    (True, False, False)
    """
    return OUTERMOST.fullmatch(name) is not None


def graph_name(name: str) -> str:
    """The nearest name that TensorFlow accepts. Two names may become equal: the graph itself makes scopes unique.

    >>> graph_name("digits"), graph_name("größe"), graph_name("_net"), graph_name("网络")
    ('digits', 'gro_e', 'n_net', 'n__')
    """
    if is_graph_name(name):
        return name
    bare = "".join(character for character in unicodedata.normalize("NFKD", name) if not unicodedata.combining(character))
    plain = re.sub(r"[^A-Za-z0-9_.-]", "_", bare)
    return plain if is_graph_name(plain) else f"n{plain}"


def allow_any_names(model: keras.Model) -> None:
    """Make a model and its layers traceable with any name; `layer.name` itself stays as it is."""
    for layer in (model, *layers_inside(model)):
        if not is_graph_name(layer.name):
            name_in_graph(layer, graph_name(layer.name))
