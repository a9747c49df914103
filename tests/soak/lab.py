"""A lab of several hours in one kernel: what a class does all afternoon, in a random order; watched from outside.

    python -m tests.soak.lab [minutes] [seed]

A line each minute: memory, open files and threads of the kernel, the size of the file of runs, and what went wrong. A line for each error
that was not meant.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from tests.support.kernel import Kernel, Outcome, running_kernel

MINUTES = 120.0
SETUP = """
import gc, seqmagic
from sklearn.datasets import load_digits
x, y = load_digits(return_X_y=True)
x = (x / 16).reshape(-1, 8, 8, 1)
x_test, y_test = x[1400:], y[1400:]
from seqmagic.training.current_runs import last_run_of
from seqmagic.training.registry import active_runs
from seqmagic.widgets.dashboard import Dashboard
from seqmagic.widgets.training_panel import TrainingPanel
def last(name):
    return last_run_of(globals()[name])
"""
NETWORKS = (
    "flatten -> dense {n} relu -> dense 10 softmax",
    "conv {n} 3x3 relu same -> maxpool 2\nflatten -> dropout 0.3\ndense 10 softmax",
    "conv {n} 3x3 relu -> batchnorm\nflatten\ndense {n} tanh\ndense 10 softmax",
)
COMPILE = "compile {optimizer} sparse_categorical_crossentropy accuracy"
OPTIMIZERS = ("adam(1e-3)", "adam", "sgd(0.01, momentum=0.9)", "rmsprop")
FIT = (
    "epochs=2",
    "epochs=3 batch_size=128",
    "epochs=2 validation_data=x_test,y_test",
    "epochs=4 validation_split=0.1 patience=2",
    'epochs=5 until="accuracy > 0.5"',
)
MISTAKES = ("%fit {name} x_trian y", "%fit {name} x y epoch=3", "%%sequential {name}\ninput 8x8x1\ndesne 10", "%runs --bset loss")


class Lab:
    """A kernel and those who work in it.

    chance: what they draw their ideas from.
    errors: what went wrong that should not have.
    """

    def __init__(self, kernel: Kernel, chance: random.Random) -> None:
        self.kernel, self.chance = kernel, chance
        self.done = 0
        self.errors: list[str] = []
        self.names: list[str] = []
        self.actions: tuple[Callable[[], None], ...] = (
            *[self.build] * 3,
            *[self.train] * 4,
            *[self.train_headless] * 2,
            self.stop_and_resume,
            self.press,
            self.train_more,
            self.restore,
            *[self.open_dashboard] * 2,
            self.close_panels,
            self.list_runs,
            self.delete_runs,
            self.mistype,
            self.look,
        )

    def act(self) -> None:
        """Do one thing."""
        action = self.chance.choice(self.actions) if self.names else self.build
        action()
        self.done += 1

    def run(self, cell: str, *, live: bool = True, allowed: tuple[str, ...] = ()) -> Outcome:
        """Run a cell; an error of another kind than those that are allowed counts."""
        outcome = self.kernel.run(cell, live=live, timeout=300)
        if outcome.error and outcome.error[0] not in allowed:
            self.errors.append(f"{cell!r}: {outcome.error[0]}: {outcome.error[1]}")
            sys.stdout.write(f"    {self.errors[-1]}\n")
        return outcome

    def name(self) -> str:
        """One of the models."""
        return self.chance.choice(self.names)

    def build(self) -> None:
        """Make a model, new or anew, sometimes with the same words."""
        name = self.chance.choice(("digits", "net", "small"))
        text = self.chance.choice(NETWORKS).format(n=self.chance.choice((8, 16, 32)))
        compiling = COMPILE.format(optimizer=self.chance.choice(OPTIMIZERS))
        self.run(f"%%sequential {name}\nseed 1\ninput 8x8x1\n{text}\n{compiling}")
        self.names = sorted({*self.names, name})

    def train(self) -> None:
        """Train in the background, and let the next cell wait."""
        name = self.name()
        self.run(f"%fit {name} x y {self.chance.choice(FIT)}", allowed=("BusyError",))
        self.run(f"len({name}.weights)")

    def train_headless(self) -> None:
        """Train in a cell that waits, as under nbconvert."""
        self.run(f"%fit {self.name()} x y {self.chance.choice(FIT)}", live=False)

    def stop_and_resume(self) -> None:
        """Stop a training, by Stop or an interrupt, and go on with it."""
        name = self.name()
        self.run(f"%fit {name} x y epochs=30")
        time.sleep(self.chance.random())
        if self.chance.random() < 0.5:
            self.kernel.manager.interrupt_kernel()
        else:
            self.run("for run in active_runs(): run.stop()")
        self.run("import time\nwhile active_runs(): time.sleep(0.01)")
        self.run(f"%fit {name} --resume epochs=31", live=False, allowed=("LanguageError",))

    def press(self) -> None:
        """Pause, step, change the learning rate, go on, stop."""
        self.run(f"%fit {self.name()} x y epochs=200")
        for press in ("pause()", "step_batch()", "step_epoch()", "__setattr__('learning_rate', 1e-4)", "resume()", "stop()"):
            self.run(f"for run in active_runs(): run.{press}")
            time.sleep(0.1 * self.chance.random())
        self.run("while active_runs(): time.sleep(0.01)" if self.done else "", allowed=("NameError",))

    def train_more(self) -> None:
        """Go on with the last run, with other batches."""
        name = self.name()
        self.run(f"last('{name}') and last('{name}').more(epochs=1, batch_size=64).wait()", allowed=("DataError",))

    def restore(self) -> None:
        """Put earlier weights back."""
        name, which = self.name(), self.chance.choice(("first", "best"))
        self.run(f"last('{name}') and last('{name}').restore('{which}')", allowed=("DataError",))

    def open_dashboard(self) -> None:
        """Open a dashboard, and train in it."""
        name = self.name()
        self.run(f"%dashboard {name} x y epochs=2")
        self.run("boards = [board for board in gc.get_objects() if type(board) is Dashboard and board.comm is not None]")
        self.run("boards and boards[-1].press('train')")
        self.run(f"len({name}.weights); del boards")

    def close_panels(self) -> None:
        """Close what is open, as clearing the outputs does."""
        self.run("for part in [part for part in gc.get_objects() if type(part) in (Dashboard, TrainingPanel)]: part.close()\ndel part")

    def list_runs(self) -> None:
        """Look at what was trained."""
        self.run("%runs")
        self.run(f"%runs {self.name()} --best loss")

    def delete_runs(self) -> None:
        """Delete an old run."""
        self.run(
            "from seqmagic.ledger.current import current_ledger\n"
            "old = [entry.id for entry in current_ledger().entries() if not entry.is_under_way][:1]\n"
            "old and get_ipython().run_line_magic('runs', f'{old[0]} --delete')"
        )

    def mistype(self) -> None:
        """A mistake, which has its own error."""
        outcome = self.kernel.run(self.chance.choice(MISTAKES).format(name=self.name()))
        if outcome.error[:1] not in (["UnknownNameError"], ["LanguageError"]):
            self.errors.append(f"a mistake gave {outcome.error[:2]}")

    def look(self) -> None:
        """Look at a model, and use it."""
        name = self.name()
        self.run(f"%sequential {name}\n{name}.evaluate(x_test, y_test, verbose=0)")
        self.run(f"%sequential {name} --python")


def main() -> None:
    """Print the table."""
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else MINUTES
    chance = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    with tempfile.TemporaryDirectory() as folder, running_kernel(Path(folder)) as kernel:
        lab = Lab(kernel, chance)
        lab.run(SETUP)
        process = psutil.Process(int(kernel.value("__import__('os').getpid()")))
        sys.stdout.write("minute   things done   memory MB   open files   threads   file of runs MB   errors\n")
        began = time.monotonic()
        for minute in range(int(minutes) + 1):
            file = Path(folder) / "seqmagic-runs.sqlite"
            size = file.stat().st_size / 1e6 if file.exists() else 0.0
            memory, files, threads = process.memory_info().rss / 1e6, process.num_fds(), process.num_threads()
            sys.stdout.write(f"{minute:>6}{lab.done:>14}{memory:>12.0f}{files:>13}{threads:>10}{size:>18.1f}{len(lab.errors):>9}\n")
            sys.stdout.flush()
            while minute < minutes and time.monotonic() - began < 60 * (minute + 1):
                lab.act()


if __name__ == "__main__":
    main()
