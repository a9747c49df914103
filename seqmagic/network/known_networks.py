"""Known networks: names of whole networks and of kinds of them, which people write as if they were layers.

resnet50     Keras has it: it is made in a Python cell, and used as a layer by its name
lenet        a chain of layers, which can be written here
unet         has branches, which a Sequential model can't have
"""

from __future__ import annotations

import re

import keras

from seqmagic.errors import Span, UnknownNameError
from seqmagic.translation import gettext, gettext_noop

# Networks that are chains: an input that suits them, and their layers.
DEEP = ("784", "dense 64 relu -> dense 10 softmax")
PICTURES = ("28x28x1", "conv 32 3 relu -> maxpool 2 -> flatten -> dense 10 softmax")
STEPS = ("30x8", "lstm 32 -> dense 1")
LENET = (
    "28x28x1",
    "conv 6 5 same tanh -> avgpool 2 -> conv 16 5 tanh -> avgpool 2 -> flatten -> dense 120 tanh -> dense 84 tanh -> dense 10 softmax",
)
CHAINS = {
    **dict.fromkeys(("mlp", "multilayerperceptron", "ann", "dnn", "ffnn", "fnn", "feedforward"), DEEP),
    **dict.fromkeys(("cnn", "convnet", "convolutionalnetwork", "convolutionalneuralnetwork"), PICTURES),
    **dict.fromkeys(("recurrentnetwork", "recurrentneuralnetwork"), STEPS),
    **dict.fromkeys(("lenet", "lenet5"), LENET),
    **dict.fromkeys(("perceptron", "logisticregression", "logreg", "logit"), ("4", "dense 1 sigmoid")),
    **dict.fromkeys(("softmaxregression", "multinomialregression"), ("4", "dense 3 softmax")),
    "linearregression": ("4", "dense 1"),
    "autoencoder": ("784", "dense 32 relu -> dense 784 sigmoid"),
}
BRANCHED = (
    *("transformer", "vit", "bert", "roberta", "distilbert", "gpt", "gpt2", "gpt3", "gpt4", "chatgpt", "llama", "t5", "llm", "whisper"),
    *("unet", "yolo", "rcnn", "fasterrcnn", "maskrcnn", "ssd", "gan", "dcgan", "vae", "diffusion", "siamese", "seq2seq", "wavenet"),
    *("squeezenet", "shufflenet", "clip", "swin"),
)
# What learns without layers.
WITHOUT_LAYERS = (
    *("svm", "svc", "xgboost", "lightgbm", "catboost", "randomforest", "decisiontree", "kmeans", "knn", "pca", "naivebayes"),
    *("gradientboosting", "adaboost", "dbscan", "tsne"),
)
# Families of networks in Keras, each with a small one.
FAMILIES = {
    "resnet": "ResNet50",
    "vgg": "VGG16",
    "vggnet": "VGG16",
    "mobilenet": "MobileNetV2",
    "efficientnet": "EfficientNetB0",
    "effnet": "EfficientNetB0",
    "inception": "InceptionV3",
    "googlenet": "InceptionV3",
    "densenet": "DenseNet121",
    "convnext": "ConvNeXtTiny",
    "nasnet": "NASNetMobile",
}
VERSION = re.compile(r"(?:[bv]?\d+)*$")
GENERAL = ("model", "models", "network", "networks", "net", "neuralnetwork", "neuralnet", "nn", "layer", "layers", "hiddenlayers")
HAS_BRANCHES = gettext_noop(
    "{word!r} is a whole network with branches, which a Sequential model can't have. Use Keras's functional API in a Python cell."
)


def explain_network(word: str, span: Span | None) -> UnknownNameError | None:
    """The error for the name of a whole network; None if it is none.

    >>> explain_network("layer", None).hint
    'Write one layer per line, such as dense 64 relu.'
    """
    name = _plain(word)
    ready = _find_ready(name)
    if ready:
        hint = gettext(
            "{ready} is a whole network: run `{made}` in a Python cell, and write base as a layer, after an input such as 224x224x3.",
            ready=ready,
            made=f'import keras; base = keras.applications.{ready}(include_top=False, pooling="avg")',
        )
    elif name in CHAINS:
        hint = gettext("{word!r} is a whole network: write its layers.", word=word)
    elif name in BRANCHED:
        hint = gettext(HAS_BRANCHES, word=word)
    elif name in WITHOUT_LAYERS:
        hint = gettext("{word!r} is no neural network, and has no layers: use scikit-learn or its own package in a Python cell.", word=word)
    elif name in GENERAL:
        hint = gettext("Write one layer per line, such as dense 64 relu.")
    else:
        return None
    return UnknownNameError(gettext_noop("layer"), word, [], hint=hint, span=span)


def write_network(word: str, *, has_input: bool = True, is_last: bool = True) -> str:
    """The layers of a network that is a chain; "" for another one.

    >>> write_network("MLP", has_input=False)
    'input 784 -> dense 64 relu -> dense 10 softmax'
    >>> write_network("mlp", is_last=False)
    'dense 64 relu'

    Args:
        has_input: whether there is an input line already.
        is_last: whether no layer follows, which would have to be in the place of its last layer.
    """
    if _plain(word) not in CHAINS:
        return ""
    shape, layers = CHAINS[_plain(word)]
    kept = layers if is_last else layers.rpartition(" -> ")[0]
    return kept if has_input or not kept else f"input {shape} -> {kept}"


def _find_ready(name: str) -> str:
    """The network of Keras with this name, or one of its family, as for resnet18; "" if there is none."""
    networks = {made.lower(): made for made in dir(keras.applications) if made[:1].isupper()}
    return networks.get(name) or FAMILIES.get(VERSION.sub("", name), "")


def _plain(word: str) -> str:
    return re.sub(r"[_\s-]", "", word.rpartition(".")[2].lower())
