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
    "learning_rate": gettext_noop("The size of each step"),
    "momentum": gettext_noop("How much of the last step is added to the next one: 0 is none, 0.9 is common"),
    "nesterov": gettext_noop("Compute the gradient where the momentum leads"),
    "rho": gettext_noop("How much of the running mean of squared gradients is kept in each step"),
    "beta_1": gettext_noop("How much of the running mean of gradients is kept in each step"),
    "beta_2": gettext_noop("How much of the running mean of squared gradients is kept in each step"),
    "beta_2_decay": gettext_noop("How fast the running mean of squared gradients gets a longer memory"),
    "epsilon": gettext_noop("A tiny number that prevents division by 0"),
    "epsilon_1": gettext_noop("A tiny number that prevents division by 0"),
    "epsilon_2": gettext_noop("The smallest weight size used when steps are scaled by the size of the weights"),
    "amsgrad": gettext_noop("Never let the step size grow again: the AMSGrad variant of Adam"),
    "centered": gettext_noop("Divide by the variance of the gradients instead of their size; needs more time and memory"),
    "initial_accumulator_value": gettext_noop("Initial value of the sum of squared gradients"),
    "clip_threshold": gettext_noop("Updates are scaled down to at most this size"),
    "relative_step": gettext_noop("Make steps smaller as training proceeds"),
    "weight_decay": gettext_noop("Move all weights towards 0 by this fraction in each step, against overfitting"),
    "clipnorm": gettext_noop("Scale the gradient of each weight down to at most this norm"),
    "clipvalue": gettext_noop("Clip each value of a gradient at this size"),
    "global_clipnorm": gettext_noop("Scale all gradients together down to at most this norm"),
    "use_ema": gettext_noop("Keep a moving average of the weights and use it at the end"),
    "ema_momentum": gettext_noop("How much of the moving average of weights is kept in each step; used with use_ema"),
    "ema_overwrite_frequency": gettext_noop("Replace the weights with their moving average every this many steps; used with use_ema"),
    "loss_scale_factor": gettext_noop("Multiply the loss by this number while computing gradients, for 16-bit numbers"),
    "gradient_accumulation_steps": gettext_noop("Update the weights after this many batches, with the mean of their gradients"),
    "learning_rate_power": gettext_noop("The power by which the learning rate falls with the number of steps: 0 keeps it constant"),
    "l1_regularization_strength": gettext_noop("Strength of the penalty that pulls weights to exactly 0"),
    "l2_regularization_strength": gettext_noop("Strength of the penalty that pulls large weights towards 0"),
    "l2_shrinkage_regularization_strength": gettext_noop(
        "Strength of the penalty that pulls large weights towards 0, only where there is a gradient"
    ),
    "adam_beta_1": gettext_noop("beta_1 of the Adam that trains vectors and embeddings"),
    "adam_beta_2": gettext_noop("beta_2 of the Adam that trains vectors and embeddings"),
    "adam_lr_ratio": gettext_noop("The learning rate of that Adam, as a fraction of this one"),
    "adam_weight_decay": gettext_noop("The weight decay of that Adam"),
    "exclude_layers": gettext_noop("Names of layers that are trained with Adam instead"),
    "exclude_embeddings": gettext_noop("Train embeddings with Adam"),
    "muon_a": gettext_noop("First coefficient of the formula that makes steps orthogonal"),
    "muon_b": gettext_noop("Second coefficient of the formula that makes steps orthogonal"),
    "muon_c": gettext_noop("Third coefficient of the formula that makes steps orthogonal"),
    "ns_steps": gettext_noop("How often that formula is applied per step"),
    "rms_rate": gettext_noop("The size that steps are scaled to"),
    "optimizer_map": gettext_noop("Which optimizer trains which layers"),
    # Losses.
    "from_logits": gettext_noop("The last layer has no softmax or sigmoid, so the loss applies it"),
    "label_smoothing": gettext_noop("Move labels away from 0 and 1 by this much, so that the model is less certain: 0.1 is common"),
    "reduction": gettext_noop("How the losses of the rows in a batch are combined into one number"),
    "axis": gettext_noop("The axis along which it is computed; -1 is the last"),
    "delta": gettext_noop("Larger errors are not squared but count in proportion"),
    "apply_class_balancing": gettext_noop("Weight the two classes by alpha"),
    "gamma": gettext_noop("How much less rows count that are already right: 0 is no difference"),
    "alpha": gettext_noop("How the weight is divided between the two sides"),
    "beta": gettext_noop("How the weight is divided between the two sides"),
    "margin": gettext_noop("The margin by which classes should be separated"),
    "remove_diagonal": gettext_noop("Do not compare a row with itself"),
    "ignore_class": gettext_noop("Ignore rows with this label"),
    "q": gettext_noop("From 0, like a crossentropy, to 1, where wrong labels count least"),
    "Circle.gamma": gettext_noop("How much more difficult pairs count"),
    "Tversky.alpha": gettext_noop("The weight of false positives"),
    "Tversky.beta": gettext_noop("The weight of false negatives"),
    "Ftrl.beta": gettext_noop("Added to the size of gradients before steps are scaled by it"),
    # Metrics.
    "k": gettext_noop("The right class must be among this many top predictions"),
    "from_sorted_ids": gettext_noop("The predictions are class numbers, best first, not probabilities"),
    "threshold": gettext_noop("Predictions above this count as yes"),
    "thresholds": gettext_noop("Predictions above this count as yes; several thresholds give one result each"),
    "top_k": gettext_noop("Only this many top classes of each row count as yes"),
    "class_id": gettext_noop("Measure this class only"),
    "num_classes": gettext_noop("The number of classes"),
    "num_labels": gettext_noop("The number of labels per row; used with multi_label"),
    "num_thresholds": gettext_noop("The number of thresholds for the curve: more are more exact and slower"),
    "num_regressors": gettext_noop("The number of inputs of the model: above 0, the score is adjusted for it"),
    "average": gettext_noop("How the scores of the classes are averaged; none keeps one score per class"),
    "class_aggregation": gettext_noop("How the scores of the outputs are averaged; none keeps one score per output"),
    "curve": gettext_noop("The curve whose area is computed: ROC, or PR for precision and recall"),
    "summation_method": gettext_noop("How the area between two points of the curve is computed"),
    "multi_label": gettext_noop("Each row may have several labels; their areas are averaged"),
    "label_weights": gettext_noop("The weight of each label; used with multi_label"),
    "target_class_ids": gettext_noop("The classes to measure"),
    "sparse_y_true": gettext_noop("The labels are class numbers, not one-hot"),
    "sparse_y_pred": gettext_noop("The predictions are class numbers, not one value per class"),
    "recall": gettext_noop("Find the best precision where recall is at least this"),
    "precision": gettext_noop("Find the best recall where precision is at least this"),
    "sensitivity": gettext_noop("Find the best specificity where sensitivity is at least this"),
    "specificity": gettext_noop("Find the best sensitivity where specificity is at least this"),
    "FBetaScore.beta": gettext_noop("How much more recall counts than precision"),
    # Schedules.
    "initial_learning_rate": gettext_noop("The initial learning rate"),
    "decay_steps": gettext_noop("The number of batches until it has fallen"),
    "decay_rate": gettext_noop("The factor it is multiplied by in that time"),
    "staircase": gettext_noop("Fall in steps instead of continuously"),
    "end_learning_rate": gettext_noop("The final learning rate"),
    "power": gettext_noop("The power of the fall: 1 is a straight line"),
    "cycle": gettext_noop("Start over once it has fallen"),
    "boundaries": gettext_noop("The batches after which it changes"),
    "values": gettext_noop("The learning rates before, between and after these batches"),
    "warmup_target": gettext_noop("First rise to this learning rate"),
    "warmup_steps": gettext_noop("The number of batches for this rise"),
    "first_decay_steps": gettext_noop("The number of batches in the first cycle"),
    "t_mul": gettext_noop("How many times longer each cycle is than the one before"),
    "m_mul": gettext_noop("The start of each cycle, as a fraction of the start before"),
    "CosineDecay.alpha": gettext_noop("The final value, as a fraction of the initial value"),
    "CosineDecayRestarts.alpha": gettext_noop("The end of each cycle, as a fraction of its start"),
    "InverseTimeDecay.decay_rate": gettext_noop("How fast it falls"),
}


def explain(target: Any, option: str) -> str:
    """What an option does, in one line.

    >>> import keras
    >>> explain(keras.optimizers.SGD, "nesterov")
    'Compute the gradient where the momentum leads'

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
