"""Starting a sweep from Python: from a text and data to its running trials."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seqmagic.errors import DataError, UnknownNameError
from seqmagic.errors.boundary import NAMES, TEXT, raises_ours
from seqmagic.language import parse
from seqmagic.ledger.current import current_ledger
from seqmagic.machines.cluster import find
from seqmagic.options.sweep_settings import Settings
from seqmagic.sweeps.family import Family
from seqmagic.sweeps.past import last_sweep
from seqmagic.sweeps.sweep import Sweep
from seqmagic.sweeps.task import Task, make_task
from seqmagic.translation import gettext, gettext_noop


@raises_ours(text=TEXT, names=NAMES, name=TEXT)
def sweep(
    text: str,
    x: Any = None,
    y: Any = None,
    *,
    names: Mapping[str, Any] | None = None,
    name: str = "model",
    trials: int = 20,
    seed: int = 0,
    best: str = "",
    folds: int = 1,
    seeds: int = 1,
    prune: bool = True,
    resume: bool = False,
    on: str = "",
    **options: Any,
) -> Sweep:
    r"""Search for the best network that a text with choices describes, in the background, and return the `Sweep` at once.

    >>> text = "input 64 -> dense choice(16, 64) relu -> dense 10 softmax\ncompile adam(log(1e-4, 1e-2)) sparse_categorical_crossentropy"
    >>> sweep(text, x, y, validation_split=0.2, epochs=5, trials=20).wait().best.text     # doctest: +SKIP
    >>> sweep("input 64 -> dense 10 softmax\ncompile adam mse", x, y, seeds=5).wait()    # doctest: +SKIP

    Each trial is a run with its own text and results. Optuna draws the values, and stops trials that do worse than most at the same epoch.
    The same seed draws the same values.

    Args:
        text: the layers and a `compile` line, with `choice(32, 64)`, `between(0.1, 0.5)` or `log(1e-4, 1e-2)` in place of a value, and `*
            between(1, 4)` for a number of repetitions; a text without any of these is a single network, for `folds` and `seeds`.
        x, y: the data; by default those that the text's fit line names, looked up in `names`.
        names: your own layers, functions and data, keyed by the words of the text.
        name: the name of the models.
        trials: how many networks to try.
        seed: the seed for drawing the values.
        best: the metric that decides which network is best, at its last epoch; by default val_loss if there is validation data, otherwise
            loss.
        folds: train each network this many times, each time with a different part of the rows as validation data.
        seeds: train each network this many times, with different seeds.
        prune: whether to end trials early that do worse than most.
        resume: continue the last sweep with this name and text, which was interrupted by Stop or the end of its kernel. Needs `keep_runs`.
        on: where to train instead of in this kernel, several at once: "local" for workers on this computer, "local:4" for four of them;
            "class" for the workers of the class, as set in the class file; or the address of a dask scheduler, such as
            "tcp://127.0.0.1:8786".
        options: options of `fit`.

    Returns:
        The sweep, which runs in a separate thread.

    Raises:
        SeqmagicError: Before anything starts, if something doesn't fit.
    """
    family = Family(parse(text), names or {})
    data = None if x is None else (x, y)
    task = make_task(family, Settings(trials, seed, best, folds, seeds, prune), data, options)
    machines = find(on) if on else None
    return Sweep(task, name, resume=find_sweep(task, name) if resume else None, machines=machines).start()


def find_sweep(task: Task, name: str) -> str:
    """The last sweep of a family under a name, to resume.

    Raises:
        UnknownNameError: If there is none.
        DataError: If its trials were trained on other data.
    """
    entry = last_sweep(name, family=task.family.text, repeats=task.settings.repeats)
    if entry is None:
        hint = (
            gettext("There is no saved sweep with this name and text.")
            if current_ledger() is not None
            else gettext("To save runs in a file, use seqmagic.keep_runs().")
        )
        raise UnknownNameError(gettext_noop("sweep"), name, [], hint=hint)
    for part, now in task.fingerprints(entry.sweep["repeat"]).items():
        before = {fact: value for fact, value in entry.data.get(part, {}).items() if fact != "name"}
        if before and before != now:
            problem = gettext("{part} is not what this sweep was started with, so the results could not be compared.", part=part)
            raise DataError(problem, expected=gettext("the same data, or a new sweep without resume"))
    return str(entry.sweep["id"])
