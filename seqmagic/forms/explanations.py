"""Explanations: what each option of an optimizer, loss, metric or schedule does, in a line."""

from __future__ import annotations

import inspect
import re
from typing import Any

from seqmagic.keras_internals.layers import is_of_keras

LONGEST = 140  # Characters: a line has no room for more.

# By name; with the class before it where a name means different things.
EXPLANATIONS = {
    # Optimizers.
    "learning_rate": "How far each step goes",
    "momentum": "How much of the last step goes into the next one: 0 is none, 0.9 is usual",
    "nesterov": "Look where the momentum leads before the gradient is taken",
    "rho": "How much of the past the mean of squared gradients keeps",
    "beta_1": "How much of the past the mean of gradients keeps",
    "beta_2": "How much of the past the mean of squared gradients keeps",
    "beta_2_decay": "How fast the mean of squared gradients comes to keep more of the past",
    "epsilon": "A tiny number that keeps a division by 0 away",
    "epsilon_1": "A tiny number that keeps a division by 0 away",
    "epsilon_2": "The least size that weights count with when a step is scaled by it",
    "amsgrad": "Let the steps never grow again: the AMSGrad form of Adam",
    "centered": "Divide by how much gradients vary, not by how large they are: costs some time and memory",
    "initial_accumulator_value": "What the sum of squared gradients begins with",
    "clip_threshold": "Steps are scaled down to this size at most",
    "relative_step": "Let the steps become smaller as the training goes on",
    "weight_decay": "Pull all weights towards 0 by so much in each step: against overfitting",
    "clipnorm": "Scale the gradient of each weight down to this length at most",
    "clipvalue": "Cut every number of a gradient off at this size",
    "global_clipnorm": "Scale the gradients of all weights together down to this length at most",
    "use_ema": "Keep a running mean of the weights, and end with it",
    "ema_momentum": "How much of the past the running mean of weights keeps; counts with use_ema",
    "ema_overwrite_frequency": "Put the running mean in place of the weights after so many steps; counts with use_ema",
    "loss_scale_factor": "Multiply the loss by this while gradients are taken: for 16-bit numbers",
    "gradient_accumulation_steps": "Take a step after so many batches, with the mean of their gradients",
    "learning_rate_power": "How the learning rate falls with the number of steps: 0 keeps it",
    "l1_regularization_strength": "Pull weights to exactly 0 by so much",
    "l2_regularization_strength": "Pull large weights towards 0 by so much",
    "l2_shrinkage_regularization_strength": "Pull large weights towards 0 by so much, only where there is a gradient",
    "adam_beta_1": "beta_1 of the Adam that trains vectors and embeddings",
    "adam_beta_2": "beta_2 of the Adam that trains vectors and embeddings",
    "adam_lr_ratio": "The learning rate of that Adam, as a part of this one",
    "adam_weight_decay": "The weight decay of that Adam",
    "exclude_layers": "Names of layers that Adam trains instead",
    "exclude_embeddings": "Let Adam train the embeddings",
    "muon_a": "First number of the formula that makes steps orthogonal",
    "muon_b": "Second number of the formula that makes steps orthogonal",
    "muon_c": "Third number of the formula that makes steps orthogonal",
    "ns_steps": "How often that formula is applied in each step",
    "rms_rate": "The size that steps are brought to",
    "optimizer_map": "Which optimizer trains which layers",
    # Losses.
    "from_logits": "The last layer has no softmax or sigmoid: the loss applies it",
    "label_smoothing": "Move labels this far from 0 and 1, so that the model is less sure of itself: 0.1 is usual",
    "reduction": "How the losses of a batch's rows become one number",
    "axis": "The axis along which it is worked out; -1 is the last",
    "delta": "Errors above this count in proportion, smaller ones squared",
    "apply_class_balancing": "Weigh the two classes by alpha",
    "gamma": "How much less rows count that are right already: 0 is not at all",
    "alpha": "How much one side counts against the other",
    "beta": "How much one side counts against the other",
    "margin": "By how much classes are to be kept apart",
    "remove_diagonal": "Leave each row's comparison with itself out",
    "ignore_class": "Rows with this label count nothing",
    "q": "From 0, like a crossentropy, to 1, where wrong labels count least",
    "Circle.gamma": "How sharply hard pairs count more",
    "Tversky.alpha": "How much false positives count",
    "Tversky.beta": "How much false negatives count",
    "Ftrl.beta": "Added to the size of gradients before steps are scaled by it",
    # Metrics.
    "k": "The right class must be among so many best ones",
    "from_sorted_ids": "The predictions are classes, the best first, and not probabilities",
    "threshold": "A prediction above this counts as yes",
    "thresholds": "A prediction above this counts as yes; several give a number each",
    "top_k": "Only so many best classes of each row count as yes",
    "class_id": "Look at this class only",
    "num_classes": "How many classes there are",
    "num_labels": "How many labels a row has; counts with multi_label",
    "num_thresholds": "At how many thresholds the curve is worked out: more are exacter and slower",
    "num_regressors": "How many inputs the model has: more than 0 gives the adjusted score",
    "average": "How the scores of the classes become one number; none keeps one each",
    "class_aggregation": "How the scores of the outputs become one number; none keeps one each",
    "curve": "Which curve the area is under: ROC, or PR for precision over recall",
    "summation_method": "How the area between two points of the curve is worked out",
    "multi_label": "Each row may have several labels: the areas of all are averaged",
    "label_weights": "How much each label counts; counts with multi_label",
    "target_class_ids": "The classes that are looked at",
    "sparse_y_true": "The labels are numbers of classes, and not one-hot",
    "sparse_y_pred": "The predictions are numbers of classes, and not one number for each",
    "recall": "Look for the best precision where recall is at least this",
    "precision": "Look for the best recall where precision is at least this",
    "sensitivity": "Look for the best specificity where sensitivity is at least this",
    "specificity": "Look for the best sensitivity where specificity is at least this",
    "FBetaScore.beta": "How much more recall counts than precision",
    # Schedules.
    "initial_learning_rate": "The learning rate to begin with",
    "decay_steps": "After how many batches it has come down",
    "decay_rate": "What it is multiplied by in that time",
    "staircase": "Come down in steps, and not evenly",
    "end_learning_rate": "The learning rate to end with",
    "power": "How it comes down: 1 is in a straight line",
    "cycle": "Begin anew once it has come down",
    "boundaries": "The batches after which it changes",
    "values": "The learning rates before, between and behind these batches",
    "warmup_target": "Rise to this learning rate first",
    "warmup_steps": "So many batches long",
    "first_decay_steps": "How many batches the first way down takes",
    "t_mul": "How many times longer each next way down takes",
    "m_mul": "What each next way down begins with, as a part of the one before",
    "CosineDecay.alpha": "What it ends with, as a part of what it began with",
    "CosineDecayRestarts.alpha": "What each way down ends with, as a part of what it began with",
    "InverseTimeDecay.decay_rate": "How fast it comes down",
}


def explain(target: Any, option: str) -> str:
    """What an option does, in a line.

    >>> import keras
    >>> explain(keras.optimizers.SGD, "nesterov")
    'Look where the momentum leads before the gradient is taken'

    Args:
        target: the class that has it; of one that isn't Keras's own, what its docstring says.
    """
    made: Any = target
    if is_of_keras(target):
        text = EXPLANATIONS.get(f"{made.__name__}.{option}") or EXPLANATIONS.get(option)
        if text:
            return text
    return _documented(target, option) or f"The {option} of {getattr(made, '__name__', 'it')}"


def _documented(target: Any, option: str) -> str:
    """The first sentence that a docstring has for an argument; empty where there is none."""
    found = re.search(
        rf"^ *{re.escape(option)}(?: \([^)]*\))?:((?:.|\n(?! *\w+(?: \([^)]*\))?:|\n))*)", inspect.getdoc(target) or "", re.MULTILINE
    )
    sentence = re.split(r"(?<=[.;])\s", " ".join(found[1].split()), maxsplit=1)[0].rstrip(".;") if found else ""
    return sentence if len(sentence) <= LONGEST else f"{sentence[: LONGEST - 1]}…"
