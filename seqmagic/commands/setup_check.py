"""Checking the installation: what works on this computer, in ten lines, and how to fix the rest."""

from __future__ import annotations

import json
import os
import platform
import signal
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from seqmagic.classroom.class_file import read_class_file
from seqmagic.classroom.current import find_class_file, follow
from seqmagic.classroom.locks import OF_COMPILE, read_locked
from seqmagic.errors import SeqmagicError
from seqmagic.ledger.current import DEFAULT_FILE
from seqmagic.ledger.ledger import Ledger
from seqmagic.network.memory import available_bytes, format_bytes

PACKAGE = Path(__file__).parents[1]
SECONDS = 300  # Timeout for a process that is tried.
ENOUGH = 1_000_000_000  # Bytes needed by a kernel with a small network.
PYTHONS = ((3, 11), (3, 13))
WIDGETS_IN_PAGE = "@jupyter-widgets/jupyterlab-manager"
TRIAL = """
import json, os, time, warnings
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
warnings.simplefilter("ignore")
began = time.perf_counter()
import tensorflow, keras, numpy
took = time.perf_counter() - began
import seqmagic
model = seqmagic.build("input 2 -> dense 1\\ncompile sgd mse")
model.fit(numpy.zeros((4, 2)), numpy.zeros(4), verbose=0)
devices = len(tensorflow.config.list_physical_devices("GPU"))
print(json.dumps([tensorflow.__version__, keras.__version__, keras.backend.backend(), took, devices]))
"""


@dataclass(frozen=True)
class Finding:
    """The result for one part of the installation.

    Attributes:
        part: that was checked.
        works: whether it does.
        found: as a sentence.
        instead: how to fix it.
    """

    part: str
    works: bool
    found: str
    instead: str = ""

    def __str__(self) -> str:
        """One line, and a second one with the fix."""
        line = f"{'ok ' if self.works else 'NOT'}  {self.part:<18} {self.found}"
        return line if not self.instead else f"{line}\n     {'':<18} {'Do' if not self.works else 'Better'}: {self.instead}"


def check_setup() -> Iterator[Finding]:
    """Check each part of the installation, the slow ones last."""
    for part, look in PARTS.items():
        try:
            works, found, instead = look()
        except Exception as error:  # noqa: BLE001  # If one part fails, the others are still reported.
            works, found, instead = False, f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}".rstrip(": "), ""
        yield Finding(part, works, found, instead)


Found = tuple[bool, str, str]


def _look_at_python() -> Found:
    found = f"{platform.python_version()} in {sys.prefix}"
    least, most = (".".join(map(str, one)) for one in PYTHONS)
    fits = PYTHONS[0] <= sys.version_info[:2] <= PYTHONS[1]
    return fits, found, "" if fits else f"a virtual environment with Python {least} to {most}"


def _look_at_packages() -> Found:
    optional = {"pandas": "tables", "scikit-learn": "the data of the course", "optuna": "%sweep"}
    missing = [f"{name} ({use})" for name, use in optional.items() if not _version_of(name)]
    found = f"seqmagic {_version_of(PACKAGE.name)}" + (f"; not there: {', '.join(missing)}" if missing else ", with all that is optional")
    return True, found, 'python -m pip install "seqmagic[lab,sweep]"' if missing else ""


def _look_at_widgets() -> Found:
    from jupyter_core.paths import jupyter_path

    found = ", ".join(f"{name} {_version_of(name)}" for name in ("ipywidgets", "anywidget") if _version_of(name))
    if not _version_of("jupyterlab") and not _version_of("notebook"):
        return True, f"{found}; no JupyterLab or Notebook in this environment", 'python -m pip install "seqmagic[lab]", or those of a hub'
    there = any((Path(place) / WIDGETS_IN_PAGE).is_dir() for place in jupyter_path("labextensions"))
    return there, found if there else f"{found}, but no part for the page", "" if there else "python -m pip install jupyterlab_widgets"


def _look_at_extension() -> Found:
    from jupyter_core.paths import jupyter_path

    places = [Path(place) / "seqmagic" / "package.json" for place in jupyter_path("labextensions")]
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        return False, "not installed: cells have no colours and no shapes", "python -m pip install --force-reinstall --no-deps seqmagic"
    there = json.loads(found.read_text("utf-8")).get("version", "")
    lab = _version_of("jupyterlab")
    where = f"in {found.parent}" + (f", for JupyterLab {lab}" if lab else "")
    same = there == _shipped_version()
    return (
        same,
        where if same else f"{where}; it is of another seqmagic",
        "" if same else "python -m pip install --force-reinstall --no-deps seqmagic",
    )


def _shipped_version() -> str:
    built = PACKAGE / "labextension" / "built" / "package.json"
    # An installed package has it only in Jupyter's folder for extensions.
    return str(json.loads(built.read_text("utf-8"))["version"]) if built.is_file() else _version_of(PACKAGE.name)


def _look_at_memory() -> Found:
    free, cores = available_bytes(), len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    found = f"{format_bytes(free)} free, {cores} core{'s' if cores > 1 else ''}"
    return free >= ENOUGH, found, "" if free >= ENOUGH else "close other programs and notebooks; a kernel needs 1 GB"


def _look_at_ledger() -> Found:
    folder = Path.cwd()
    try:
        with (
            tempfile.TemporaryDirectory(prefix=".seqmagic-", dir=folder) as place,
            closing(sqlite3.connect(Path(place, "a.sqlite"))) as made,
        ):
            made.execute("CREATE TABLE runs (id)")
    except (OSError, sqlite3.Error) as error:
        return False, f"{folder} can't be written: {error}", "a notebook in a folder of your own; until then runs end with the kernel"
    file = folder / DEFAULT_FILE
    if not file.exists():
        return True, f"{folder} can be written", ""
    ledger = Ledger(file)
    count, notes = len(ledger.entries()), ledger.warnings
    ledger.close()
    return True, notes[0] if notes else f"{count} run{'s' if count != 1 else ''} in {file.name}", ""


def _look_at_class() -> Found:
    file = find_class_file(Path.cwd())
    if file is None:
        return True, "none here: nothing is hidden, locked or bounded", ""
    try:
        rules = read_class_file(file)
        follow(rules)
        locked = {part: rules.locked[part] for part in OF_COMPILE if part in rules.locked}
        if locked:
            read_locked(locked)
    except SeqmagicError as error:
        return False, f"{file}\n{textwrap.indent(str(error), ' ' * 24)}", "mend that line"
    return True, str(file), ""


def _look_at_kernel() -> Found:
    from jupyter_client.manager import start_new_kernel

    code = "import seqmagic, sys, ipykernel; print(sys.prefix, seqmagic.__file__, ipykernel.__version__, sep='\\n')"
    output: list[str] = []
    manager, client = start_new_kernel(startup_timeout=60, stderr=subprocess.DEVNULL)
    try:
        client.execute_interactive(code, timeout=60, output_hook=lambda message: output.append(message["content"].get("text", "")))
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    lines = "".join(output).split("\n")
    if len(lines) < 3:
        return False, "the notebook's kernel has no seqmagic", f"{sys.executable} -m ipykernel install --user --name python3"
    same = Path(lines[1]).parent == PACKAGE
    found = f"ipykernel {lines[2]}" + ("" if same else f", but of another environment: {lines[0]}")
    return same, found, "" if same else f"{sys.executable} -m ipykernel install --user --name python3"


def _look_at_tensorflow() -> Found:
    """In a separate process, because TensorFlow crashes on a CPU that it does not support."""
    done = subprocess.run([sys.executable, "-c", TRIAL], capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603
    if done.returncode == 0:
        tensorflow, keras, backend, took, devices = json.loads(done.stdout.splitlines()[-1])
        card = f", {devices} graphics card{'s' if devices != 1 else ''}" if devices else ""
        return True, f"{tensorflow} with Keras {keras} on {backend}: a network trains{card}; loading took {took:.0f} s", ""
    if done.returncode == -signal.SIGILL if hasattr(signal, "SIGILL") else False:
        return False, "this processor lacks instructions that TensorFlow needs (AVX)", "another computer, or Binder"
    last = (done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"])[-1]
    return False, last[:200], 'python -m pip install "seqmagic[cpu]"'


def _version_of(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


PARTS: dict[str, Callable[[], Found]] = {
    "Python": _look_at_python,
    "packages": _look_at_packages,
    "widgets": _look_at_widgets,
    "browser extension": _look_at_extension,
    "memory": _look_at_memory,
    "runs": _look_at_ledger,
    "class file": _look_at_class,
    "kernel": _look_at_kernel,
    "TensorFlow": _look_at_tensorflow,
}
