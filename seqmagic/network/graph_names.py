"""The graph's names: TensorFlow takes few characters in the names of its scopes, and people call their networks and layers anything."""

from __future__ import annotations

import re
import unicodedata

import keras

from seqmagic.keras_internals.layers import layers_inside, name_in_graph

# As TensorFlow's graph checks them: the outermost scope, which a model's name opens, and any other.
OUTERMOST = re.compile(r"[A-Za-z0-9.][A-Za-z0-9_.\\>-]*")


def is_graph_name(name: str) -> bool:
    """Whether Keras can train what is called so.

    >>> is_graph_name("digits"), is_graph_name("größe"), is_graph_name("_net")
    (True, False, False)
    """
    return OUTERMOST.fullmatch(name) is not None


def graph_name(name: str) -> str:
    """A name that the graph takes, as near as may be. Two may come out the same: the graph itself makes its scopes unique.

    >>> graph_name("digits"), graph_name("größe"), graph_name("_net"), graph_name("网络")
    ('digits', 'gro_e', 'n_net', 'n__')
    """
    if is_graph_name(name):
        return name
    bare = "".join(character for character in unicodedata.normalize("NFKD", name) if not unicodedata.combining(character))
    plain = re.sub(r"[^A-Za-z0-9_.-]", "_", bare)
    return plain if is_graph_name(plain) else f"n{plain}"


def allow_any_names(model: keras.Model) -> None:
    """Let a model and its layers be traced whatever they are called; their names stay as they are, for people and for Keras."""
    for layer in (model, *layers_inside(model)):
        if not is_graph_name(layer.name):
            name_in_graph(layer, graph_name(layer.name))
