"""Examples: for each word a line that builds as it is, after a suitable input line."""

from __future__ import annotations

from seqmagic.editor.fits import AXES
from seqmagic.editor.vocabulary import VocabularyEntry

# The input line for an example, by the rank of a sample.
INPUTS = {0: "input 1", 1: "input 10", 2: "input 20x8", 3: "input 28x28x3", 4: "input 8x16x16x3", 5: "input 4x8x16x16x3"}
PICTURES = "input 28x28x3"
LINES: dict[str, tuple[str, str]] = {
    "activation": ("input 10", "activation relu"),
    "activity_regularization": ("input 10", "activity_regularization l2=0.01"),
    "bidirectional": ("input 20x8", "bidirectional lstm 32"),
    "category_encoding": ("input 1 dtype=int32", "category_encoding 10"),
    "contrast_limited_adaptive_histogram_equalization": (PICTURES, "contrast_limited_adaptive_histogram_equalization"),
    "dense": ("input 10", "dense 64 relu"),
    "discretization": ("input 10", "discretization [0., 0.5, 1.]"),
    "dropout": ("input 10", "dropout 0.3"),
    "einsum_dense": ("input 20x8", "einsum_dense 'abc,cd->abd' (20, 32)"),
    "embedding": ("input 100", "embedding 1000 64"),
    "group_normalization": ("input 20x8", "group_normalization groups=4"),
    "hashing": ("input 1 dtype=string", "hashing 10"),
    "integer_lookup": ("input 1 dtype=int64", "integer_lookup vocabulary=[10, 20, 30]"),
    "lambda": ("input 10", "lambda {lambda x: x / 255}"),
    "mel_spectrogram": ("input 16000", "mel_spectrogram"),
    "normalization": ("input 10", "normalization mean=0 variance=1"),
    "permute": ("input 20x8", "permute (2, 1)"),
    "pipeline": (PICTURES, "pipeline [rescaling 0.5, random_flip]"),
    "random_flip": (PICTURES, "random_flip horizontal"),
    "repeat_vector": ("input 10", "repeat_vector 5"),
    "rescaling": (PICTURES, "rescaling {1 / 255}"),
    "reshape": ("input 784", "reshape (28, 28, 1)"),
    "resizing": (PICTURES, "resizing 32 32"),
    "reversible_embedding": ("input 100", "reversible_embedding 1000 64"),
    "rnn": ("input 20x8", "rnn gru_cell 32"),
    "sequential": ("input 10", "sequential(dense 8 -> dense 4)"),
    "spectral_normalization": (PICTURES, "spectral_normalization conv 16 3x3"),
    "stft_spectrogram": ("input 16000x1", "stft_spectrogram frame_length=256 frame_step=128"),
    "string_lookup": ("input 1 dtype=string", "string_lookup vocabulary=['cat', 'dog']"),
    "text_vectorization": ("input 1 dtype=string", "text_vectorization vocabulary=['cat', 'dog']"),
    "time_distributed": ("input 5x28x28x1", "time_distributed conv 8 3x3"),
    "random_posterization": (PICTURES, "random_posterization 4"),
}
VALUES = {
    "units": "32",
    "filters": "32",
    "rate": "0.3",
    "stddev": "0.1",
    "output_size": "4",
    "height": "20",
    "width": "20",
    "factor": "0.2",
    "height_factor": "0.1",
    "width_factor": "0.1",
}
OF_KIND = {
    "activation": "dense 64 {}",
    "initializer": "dense 64 kernel_initializer={}",
    "regularizer": "dense 64 kernel_regularizer={}",
    "constraint": "dense 64 kernel_constraint={}",
    "optimizer": "compile {} mse",
    "loss": "compile adam {}",
    "metric": "compile adam mse {}",
    "callback": "fit x_train y_train epochs=10 callbacks={}",
    "learning rate schedule": "compile adam({}) mse",
}
WITHOUT = ("stft",)  # It accepts only one window size.
CALLS = {
    "adam": "adam(0.001)",
    "sgd": "sgd(0.01, momentum=0.9)",
    "threshold": "relu",
    "multi_optimizer": "adam",
    "cosine_decay": "cosine_decay(0.01, 1000)",
    "cosine_decay_restarts": "cosine_decay_restarts(0.01, 1000)",
    "exponential_decay": "exponential_decay(0.01, 1000, 0.9)",
    "inverse_time_decay": "inverse_time_decay(0.01, 1000, 0.5)",
    "piecewise_constant_decay": "piecewise_constant_decay([1000, 2000], [0.01, 0.001, 0.0001])",
    "polynomial_decay": "polynomial_decay(0.01, 1000)",
    "l1": "l1(0.01)",
    "l2": "l2(0.01)",
    "max_norm": "max_norm(3)",
    "early_stopping": "early_stopping(patience=3)",
    "iou": "iou(num_classes=10, target_class_ids=[1])",
    "mean_iou": "mean_iou(num_classes=10)",
    "one_hot_iou": "one_hot_iou(num_classes=10, target_class_ids=[1])",
    "one_hot_mean_iou": "one_hot_mean_iou(num_classes=10)",
    "precision_at_recall": "precision_at_recall(0.5)",
    "recall_at_precision": "recall_at_precision(0.5)",
    "sensitivity_at_specificity": "sensitivity_at_specificity(0.5)",
    "specificity_at_sensitivity": "specificity_at_sensitivity(0.5)",
    "backup_and_restore": "backup_and_restore('backup')",
    "csv_logger": "csv_logger('epochs.csv')",
    "learning_rate_scheduler": "learning_rate_scheduler(my_schedule)",
    "model_checkpoint": "model_checkpoint('best.keras', save_best_only=true)",
    "orbax_checkpoint": "orbax_checkpoint('checkpoints')",
    "tensorboard": "tensorboard('logs')",
}
OF_LINES = {
    "input": "input 28x28x1",
    "compile": "compile adam(0.001) sparse_categorical_crossentropy accuracy",
    "fit": "fit x_train y_train epochs=10 batch_size=32",
    "seed": "seed 42",
    "block": "block vgg(f): conv f 3x3 relu same -> maxpool 2",
    "expect": "expect params < 50k",
}


def example_of(entry: VocabularyEntry, word: str) -> tuple[str, str]:
    """A line with a word that builds, and its input line; either is "" if there is none.

    Args:
        word: in the spelling in which it was typed.
    """
    if entry.kind == "statement":
        return "", OF_LINES.get(entry.word, "")
    if entry.kind != "layer":
        return "", OF_KIND[entry.kind].format(CALLS.get(entry.word, word)) if entry.word not in WITHOUT else ""
    if entry.reason:
        return "", ""
    if entry.word in LINES:
        before, line = LINES[entry.word]
        first, *rest = line.split(" ", 1)
        return before, line if first != entry.word or "(" in line[:12] else " ".join([word, *rest])
    needed = [_value(setting.name, entry.rank or 1) for setting in entry.settings if setting.default is None]
    axes = (entry.rank + 1 + entry.stem.startswith("conv_lstm")) if entry.rank else 3 if entry.word.startswith("random_") else 1
    axes = min(AXES.get(entry.word, (axes,)))
    end = ["relu"] if entry.stem in ("conv", "conv_transpose", "separable_conv", "depthwise_conv") else []
    return INPUTS[axes], " ".join([word, *needed, *end])


def _value(setting: str, rank: int) -> str:
    """A value for a required setting."""
    if setting in ("kernel_size", "pool_size"):
        size = "3" if setting == "kernel_size" else "2"
        return "x".join([size] * rank)
    return VALUES.get(setting, "1")
