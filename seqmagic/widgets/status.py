"""The status of a run in words: where it is, how long it takes, what its last numbers are."""

from __future__ import annotations

from seqmagic.training.run import Run


def spoken_run(run: Run) -> str:
    """The run in one or two lines: its model and status, then its last numbers."""
    return "\n".join(part for part in (f"{run.model.name}: {spoken_status(run)}", spoken_numbers(run)) if part)


def spoken_numbers(run: Run) -> str:
    """The last numbers of a run, such as 'loss 0.0857, val_loss 0.0626'."""
    return ", ".join(f"{name} {value:.4g}" for name, value in ordered(run.record.last()))


def ordered(numbers: dict[str, float]) -> list[tuple[str, float]]:
    """Numbers in reading order: the loss, then each metric, each followed by its validation.

    >>> [name for name, _ in ordered({"accuracy": 0, "loss": 0, "val_loss": 0})]
    ['loss', 'val_loss', 'accuracy']
    """
    names = sorted(numbers, key=lambda name: (name.removeprefix("val_") != "loss", name.removeprefix("val_"), name.startswith("val_")))
    return [(name, numbers[name]) for name in names]


def spoken_status(run: Run) -> str:
    """The run's state in a line: 'Epoch 3 of 10 · 12 s · 28 s left'."""
    progress = run.progress
    took = spoken_seconds(progress.seconds)
    if run.state == "done":
        return f"Done: {progress.epoch} of {progress.epochs} epochs in {took}."
    if run.state in ("stopped", "failed"):
        word = "Stopped" if run.state == "stopped" else "Broken off"
        return f"{word} in epoch {max(1, progress.epoch)} of {progress.epochs}, after {took}."
    if progress.epoch == 0:
        return "Starting…"
    left = progress.seconds_left
    parts = [f"Epoch {progress.epoch} of {progress.epochs}", took, *([f"{spoken_seconds(left)} left"] if left is not None else [])]
    return ("Paused. " if run.state == "paused" else "") + " · ".join(parts)


def spoken_seconds(seconds: float) -> str:
    """A time as people say it.

    >>> spoken_seconds(3.21), spoken_seconds(75), spoken_seconds(7500)
    ('3.2 s', '1 min 15 s', '2 h 5 min')
    """
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
