"""A machine that loses power: the files of a training, as they are at random moments, are opened by another one that goes on.

    python -m tests.soak.power_loss [copies]

For each copy the whole training is held, as a killed one is. Every second copy loses also what no disk was told to keep: the end of the
write-ahead log is cut off, or has holes. What SQLite calls the index of the log is there, gone, or empty.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import random
import shutil
import signal
import struct
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

COPIES = 220
A_LIFE = 20  # Copies of one training.
RESUMED = 24  # Copies that somebody goes on with; each takes some seconds.
LONGEST_PAUSE = 0.6  # Seconds between two copies.
EPOCHS, ROWS = 60, 240
FILE = "runs.sqlite"
TEXT = """seed 7
input 8x8x1
conv 4 3x3 -> batchnorm -> relu -> flatten -> dropout 0.2
dense 10 softmax
compile adam(0.01) sparse_categorical_crossentropy accuracy
"""
BACKFILLED = 128  # Where the index of a log says how many of its frames may have gone into the file: all of those are on the disk.
LOG_HEAD, FRAME_HEAD, BLOCK = 32, 24, 4096


@dataclass
class Found:
    """What came of it.

    late: for each copy, how many epochs of the run under way it doesn't hold.
    """

    kinds: Counter[str] = field(default_factory=Counter)
    late: list[int] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    runs: int = 0
    resumed: int = 0


def fit(ledger: Path, *, resume: bool = False) -> Any:
    """Begin a training that always comes to the same numbers; gives its run."""
    from sklearn.datasets import load_digits

    import seqmagic

    seqmagic.keep_runs(ledger)
    x, y = load_digits(return_X_y=True)
    x = (x[:ROWS] / 16).astype("float32").reshape(-1, 8, 8, 1)
    model = seqmagic.build(TEXT)
    return seqmagic.fit(
        model, x, y[:ROWS], **({"resume": True} if resume else {"epochs": EPOCHS, "batch_size": 16, "validation_split": 0.2})
    )


def digest_of(model: Any) -> bytes:
    """Every number of a model and its optimizer."""
    digest = hashlib.sha256()
    for variable in [*model.variables, *model.optimizer.variables]:
        digest.update(np.asarray(variable).tobytes())
    return digest.digest()


def in_a_child(work: Callable[[], None]) -> int:
    """Do something in a process of its own, which has loaded Keras already; gives its number."""
    child = os.fork()
    if child == 0:
        threading.Timer(300, os._exit, (1,)).start()
        try:
            work()
        except BaseException as error:  # A child must not go on with what its parent does.
            sys.stderr.write(f"{type(error).__name__}: {error}\n")
        os._exit(0)
    return child


def train_for_ever(folder: Path, clock: mmap.mmap) -> None:
    """One run after the other; the clock tells how many have begun, and how many epochs of the last one are over."""
    for number in range(1, 1000):
        run = fit(folder / FILE)
        while not run.ended:
            clock[:16] = struct.pack("qq", number, len(run.record.epochs))
            time.sleep(0.001)


def digest_in_a_child(ledger: Path, *, resume: bool) -> bytes:
    """The numbers at the end of a training."""
    answer = mmap.mmap(-1, 32)

    def work() -> None:
        run = fit(ledger, resume=resume).wait()
        answer[:32] = digest_of(run.model)

    os.waitpid(in_a_child(work), 0)
    return answer[:32]


def copy_of(child: int, folder: Path, place: Path) -> None:
    """Copy the files of a process while it is held."""
    os.kill(child, signal.SIGSTOP)
    os.waitpid(child, os.WUNTRACED)
    shutil.copytree(folder, place)
    os.kill(child, signal.SIGCONT)


def lose_what_was_not_synced(place: Path, chance: random.Random) -> None:
    """Cut the end of the log off, or make holes in it; only where a power cut could."""
    log, index = place / f"{FILE}-wal", place / f"{FILE}-shm"
    if not log.exists() or log.stat().st_size <= LOG_HEAD:
        return
    content = bytearray(log.read_bytes())
    page = int.from_bytes(content[8:12], "big")
    kept = struct.unpack_from("=I", index.read_bytes(), BACKFILLED)[0] if index.exists() and index.stat().st_size > BACKFILLED else 0
    safe = min(len(content), LOG_HEAD + kept * (FRAME_HEAD + page))
    cut = chance.randint(safe, len(content))
    if chance.random() < 0.5:
        del content[cut:]
    else:
        for begin in range(safe, len(content), BLOCK):
            if chance.random() < 0.2:
                end = min(begin + BLOCK, len(content))
                content[begin:end] = bytes(end - begin)
    log.write_bytes(content)
    choice = chance.choice(("there", "gone", "empty"))
    if choice == "gone":
        index.unlink(missing_ok=True)
    elif choice == "empty":
        index.write_bytes(b"")


def problems_of(place: Path, whole: dict[str, np.ndarray], found: Found, begun: tuple[int, int]) -> list[str]:
    """What is wrong with a copy.

    whole: the curves of a training that was never held.
    begun: the clock at that moment.
    """
    from seqmagic.ledger.ledger import Ledger

    ledger = Ledger(place / FILE)
    entries = ledger.entries()
    wrong = [*ledger.warnings, *(["it is kept in memory"] if ledger.is_in_memory else [])]
    if [entry.id for entry in entries] != list(range(1, len(entries) + 1)):
        wrong.append(f"the runs are {[entry.id for entry in entries]}")
    found.runs += len(entries)
    for entry in entries:
        wrong += [f"run {entry.id}: {given}" for given in _problems_of_run(ledger, entry, whole)]
    there = len(ledger.rows(begun[0], "epochs")[1])
    found.late.append(max(0, begun[1] - there))
    ledger.close()
    return wrong


def _problems_of_run(ledger: Any, entry: Any, whole: dict[str, np.ndarray]) -> list[str]:
    wrong = [entry.unreadable] if entry.unreadable else []
    if entry.state not in ("done", "died"):
        wrong.append(f"it is {entry.state}")
    lengths = {}
    for table, all_rows in whole.items():
        rows = ledger.rows(entry.id, table)[1]
        lengths[table] = len(rows)
        if len(rows) and not np.array_equal(rows, all_rows[: len(rows)], equal_nan=True):
            wrong.append(f"its {table} are not the first {len(rows)} of those that were trained")
    if entry.state == "done" and lengths["epochs"] != EPOCHS:
        wrong.append(f"it is done, and has {lengths['epochs']} epochs")
    kinds = ledger.checkpoints(entry.id)
    checkpoints = {kind: ledger.load_checkpoint(entry.id, kind) for kind in kinds}
    wrong += [f"its checkpoint {kind!r} can't be read" for kind, there in checkpoints.items() if there is None]
    last = checkpoints.get("last")
    if last is not None and last.facts["moment"][0] > lengths["epochs"]:
        wrong.append(f"its weights are of epoch {last.facts['moment']}, its curves end at {lengths['epochs']}")
    return wrong


def live(folder: Path, count: int, chance: random.Random) -> list[tuple[Path, str, tuple[int, int]]]:
    """Train, copy so many times, and die; gives the copies."""
    work, clock = folder / "work", mmap.mmap(-1, 16)
    work.mkdir()
    child = in_a_child(lambda: train_for_ever(work, clock))
    while not any(work.iterdir()):
        time.sleep(0.001)
    copies = []
    for number in range(count):
        place = folder / f"copy-{number}"
        copy_of(child, work, place)
        begun = struct.unpack("qq", clock[:16])
        kind = ("killed", "power lost")[number % 2]
        if kind == "power lost":
            lose_what_was_not_synced(place, chance)
        copies.append((place, kind, begun))
        # The first moments of a file are as likely as all the others together.
        time.sleep(chance.random() * (0.01 if number < count // 4 else LONGEST_PAUSE))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return copies


def main() -> None:
    """Print what went wrong, and the figures."""
    import seqmagic.ledger.ledger
    import seqmagic.recipes.recipe  # noqa: F401  # Loaded once, for all children.
    from seqmagic.ledger.ledger import Ledger

    count, chance, found = int(sys.argv[1]) if len(sys.argv) > 1 else COPIES, random.Random(1), Found()
    with tempfile.TemporaryDirectory() as place:
        digest = digest_in_a_child(Path(place) / "whole.sqlite", resume=False)
        whole = {table: Ledger(Path(place) / "whole.sqlite").rows(1, table)[1] for table in ("epochs", "batches")}
        for first in range(0, count, A_LIFE):
            folder = Path(place) / f"life-{first}"
            folder.mkdir()
            copies = live(folder, min(A_LIFE, count - first), chance)
            for copy, kind, begun in copies:
                found.kinds[kind] += 1
                found.wrong += [f"{kind}, {copy.parent.name}, {copy.name}: {given}" for given in problems_of(copy, whole, found, begun)]
            tries = [copy for copy, _, begun in copies if 0 < begun[1] < EPOCHS and _can_resume(copy)]
            for copy in chance.sample(tries, min(len(tries), -(-RESUMED * A_LIFE // count))):
                found.resumed += 1
                if digest_in_a_child(copy / FILE, resume=True) != digest:
                    found.wrong.append(f"{copy.parent.name}, {copy.name}: what was gone on with came to other weights")
            shutil.rmtree(folder)
    for line in found.wrong:
        sys.stdout.write(f"{line}\n")
    kinds = ", ".join(f"{number} {kind}" for kind, number in found.kinds.items())
    sys.stdout.write(
        f"{count} copies ({kinds}), {found.runs} runs in them; epochs of the run under way that a copy lacks: median "
        f"{median(found.late):g}, most {max(found.late)} of {EPOCHS}; {found.resumed} gone on with; {len(found.wrong)} problems\n"
    )


def _can_resume(copy: Path) -> bool:
    from seqmagic.ledger.ledger import Ledger

    ledger = Ledger(copy / FILE)
    entries = ledger.entries()
    kinds = ledger.checkpoints(entries[-1].id) if entries else {}
    ledger.close()
    return "last" in kinds and entries[-1].state == "died"


if __name__ == "__main__":
    main()
