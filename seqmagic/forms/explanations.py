"""Explanations: one line on each option of an optimizer, loss, metric or schedule."""

from __future__ import annotations

import inspect
import re
from typing import Any

from seqmagic.keras_internals.layers import is_of_keras
from seqmagic.translation import gettext, gettext_noop

LONGEST = 140  # Characters that fit on one line of the panel.

# By option; with the class in front if the option's meaning depends on it.
EXPLANATIONS = {
    # Optimizers.
    "learning_rate": gettext_noop("How far each step goes"),
    "momentum": gettext_noop("How much of the last step goes into the next one: 0 is none, 0.9 is usual"),
    "nesterov": gettext_noop("Look where the momentum leads before the gradient is taken"),
    "rho": gettext_noop("How much of the past the mean of squared gradients keeps"),
    "beta_1": gettext_noop("How much of the past the mean of gradients keeps"),
    "beta_2": gettext_noop("How much of the past the mean of squared gradients keeps"),
    "beta_2_decay": gettext_noop("How fast the mean of squared gradients comes to keep more of the past"),
    "epsilon": gettext_noop("A tiny number that keeps a division by 0 away"),
    "epsilon_1": gettext_noop("A tiny number that keeps a division by 0 away"),
    "epsilon_2": gettext_noop("The least size that weights count with when a step is scaled by it"),
    "amsgrad": gettext_noop("Let the steps never grow again: the AMSGrad form of Adam"),
    "centered": gettext_noop("Divide by how much gradients vary, not by how large they are: costs some time and memory"),
    "initial_accumulator_value": gettext_noop("What the sum of squared gradients begins with"),
    "clip_threshold": gettext_noop("Steps are scaled down to this size at most"),
    "relative_step": gettext_noop("Let the steps become smaller as the training goes on"),
    "weight_decay": gettext_noop("Pull all weights towards 0 by so much in each step: against overfitting"),
    "clipnorm": gettext_noop("Scale the gradient of each weight down to this length at most"),
    "clipvalue": gettext_noop("Cut every number of a gradient off at this size"),
    "global_clipnorm": gettext_noop("Scale the gradients of all weights together down to this length at most"),
    "use_ema": gettext_noop("Keep a running mean of the weights, and end with it"),
    "ema_momentum": gettext_noop("How much of the past the running mean of weights keeps; counts with use_ema"),
    "ema_overwrite_frequency": gettext_noop("Put the running mean in place of the weights after so many steps; counts with use_ema"),
    "loss_scale_factor": gettext_noop("Multiply the loss by this while gradients are taken: for 16-bit numbers"),
    "gradient_accumulation_steps": gettext_noop("Take a step after so many batches, with the mean of their gradients"),
    "learning_rate_power": gettext_noop("How the learning rate falls with the number of steps: 0 keeps it"),
    "l1_regularization_strength": gettext_noop("Pull weights to exactly 0 by so much"),
    "l2_regularization_strength": gettext_noop("Pull large weights towards 0 by so much"),
    "l2_shrinkage_regularization_strength": gettext_noop("Pull large weights towards 0 by so much, only where there is a gradient"),
    "adam_beta_1": gettext_noop("beta_1 of the Adam that trains vectors and embeddings"),
    "adam_beta_2": gettext_noop("beta_2 of the Adam that trains vectors and embeddings"),
    "adam_lr_ratio": gettext_noop("The learning rate of that Adam, as a part of this one"),
    "adam_weight_decay": gettext_noop("The weight decay of that Adam"),
    "exclude_layers": gettext_noop("Names of layers that Adam trains instead"),
    "exclude_embeddings": gettext_noop("Let Adam train the embeddings"),
    "muon_a": gettext_noop("First number of the formula that makes steps orthogonal"),
    "muon_b": gettext_noop("Second number of the formula that makes steps orthogonal"),
    "muon_c": gettext_noop("Third number of the formula that makes steps orthogonal"),
    "ns_steps": gettext_noop("How often that formula is applied in each step"),
    "rms_rate": gettext_noop("The size that steps are brought to"),
    "optimizer_map": gettext_noop("Which optimizer trains which layers"),
    # Losses.
    "from_logits": gettext_noop("The last layer has no softmax or sigmoid: the loss applies it"),
    "label_smoothing": gettext_noop("Move labels this far from 0 and 1, so that the model is less sure of itself: 0.1 is usual"),
    "reduction": gettext_noop("How the losses of a batch's rows become one number"),
    "axis": gettext_noop("The axis along which it is worked out; -1 is the last"),
    "delta": gettext_noop("Errors above this count in proportion, smaller ones squared"),
    "apply_class_balancing": gettext_noop("Weigh the two classes by alpha"),
    "gamma": gettext_noop("How much less rows count that are right already: 0 is not at all"),
    "alpha": gettext_noop("How much one side counts against the other"),
    "beta": gettext_noop("How much one side counts against the other"),
    "margin": gettext_noop("By how much classes are to be kept apart"),
    "remove_diagonal": gettext_noop("Leave each row's comparison with itself out"),
    "ignore_class": gettext_noop("Rows with this label count nothing"),
    "q": gettext_noop("From 0, like a crossentropy, to 1, where wrong labels count least"),
    "Circle.gamma": gettext_noop("How sharply hard pairs count more"),
    "Tversky.alpha": gettext_noop("How much false positives count"),
    "Tversky.beta": gettext_noop("How much false negatives count"),
    "Ftrl.beta": gettext_noop("Added to the size of gradients before steps are scaled by it"),
    # Metrics.
    "k": gettext_noop("The right class must be among so many best ones"),
    "from_sorted_ids": gettext_noop("The predictions are classes, the best first, and not probabilities"),
    "threshold": gettext_noop("A prediction above this counts as yes"),
    "thresholds": gettext_noop("A prediction above this counts as yes; several give a number each"),
    "top_k": gettext_noop("Only so many best classes of each row count as yes"),
    "class_id": gettext_noop("Look at this class only"),
    "num_classes": gettext_noop("How many classes there are"),
    "num_labels": gettext_noop("How many labels a row has; counts with multi_label"),
    "num_thresholds": gettext_noop("At how many thresholds the curve is worked out: more are exacter and slower"),
    "num_regressors": gettext_noop("How many inputs the model has: more than 0 gives the adjusted score"),
    "average": gettext_noop("How the scores of the classes become one number; none keeps one each"),
    "class_aggregation": gettext_noop("How the scores of the outputs become one number; none keeps one each"),
    "curve": gettext_noop("Which curve the area is under: ROC, or PR for precision over recall"),
    "summation_method": gettext_noop("How the area between two points of the curve is worked out"),
    "multi_label": gettext_noop("Each row may have several labels: the areas of all are averaged"),
    "label_weights": gettext_noop("How much each label counts; counts with multi_label"),
    "target_class_ids": gettext_noop("The classes that are looked at"),
    "sparse_y_true": gettext_noop("The labels are numbers of classes, and not one-hot"),
    "sparse_y_pred": gettext_noop("The predictions are numbers of classes, and not one number for each"),
    "recall": gettext_noop("Look for the best precision where recall is at least this"),
    "precision": gettext_noop("Look for the best recall where precision is at least this"),
    "sensitivity": gettext_noop("Look for the best specificity where sensitivity is at least this"),
    "specificity": gettext_noop("Look for the best sensitivity where specificity is at least this"),
    "FBetaScore.beta": gettext_noop("How much more recall counts than precision"),
    # Schedules.
    "initial_learning_rate": gettext_noop("The learning rate to begin with"),
    "decay_steps": gettext_noop("After how many batches it has come down"),
    "decay_rate": gettext_noop("What it is multiplied by in that time"),
    "staircase": gettext_noop("Come down in steps, and not evenly"),
    "end_learning_rate": gettext_noop("The learning rate to end with"),
    "power": gettext_noop("How it comes down: 1 is in a straight line"),
    "cycle": gettext_noop("Begin anew once it has come down"),
    "boundaries": gettext_noop("The batches after which it changes"),
    "values": gettext_noop("The learning rates before, between and behind these batches"),
    "warmup_target": gettext_noop("Rise to this learning rate first"),
    "warmup_steps": gettext_noop("So many batches long"),
    "first_decay_steps": gettext_noop("How many batches the first way down takes"),
    "t_mul": gettext_noop("How many times longer each next way down takes"),
    "m_mul": gettext_noop("What each next way down begins with, as a part of the one before"),
    "CosineDecay.alpha": gettext_noop("What it ends with, as a part of what it began with"),
    "CosineDecayRestarts.alpha": gettext_noop("What each way down ends with, as a part of what it began with"),
    "InverseTimeDecay.decay_rate": gettext_noop("How fast it comes down"),
}


def explain(target: Any, option: str) -> str:
    """What an option does, in one line.

    >>> import keras
    >>> explain(keras.optimizers.SGD, "nesterov")
    'Look where the momentum leads before the gradient is taken'

    Args:
        target: the class with that option; for one that isn't Keras's, its docstring is used.
    """
    made: Any = target
    if is_of_keras(target):
        text = EXPLANATIONS.get(f"{made.__name__}.{option}") or EXPLANATIONS.get(option)
        if text:
            return gettext(text)
    return _documented(target, option) or gettext("The {option} of {made}", option=option, made=getattr(made, "__name__", "it"))


def _documented(target: Any, option: str) -> str:
    """The first sentence on an argument in a docstring; empty if there is none."""
    found = re.search(
        rf"^ *{re.escape(option)}(?: \([^)]*\))?:((?:.|\n(?! *\w+(?: \([^)]*\))?:|\n))*)", inspect.getdoc(target) or "", re.MULTILINE
    )
    sentence = re.split(r"(?<=[.;])\s", " ".join(found[1].split()), maxsplit=1)[0].rstrip(".;") if found else ""
    return sentence if len(sentence) <= LONGEST else f"{sentence[: LONGEST - 1]}…"
