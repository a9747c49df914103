"""Checking the installation: what works on this computer, in ten lines, and how to fix the rest."""

from __future__ import annotations

import json
import os
import platform
import shlex
import signal
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from seqmagic.classroom.class_file import read_class_file
from seqmagic.classroom.current import find_class_file, follow
from seqmagic.classroom.locks import OF_COMPILE, read_locked
from seqmagic.errors import SeqmagicError
from seqmagic.ledger.current import DEFAULT_FILE
from seqmagic.ledger.ledger import Ledger
from seqmagic.network.memory import available_bytes, format_bytes
from seqmagic.translation import gettext, gettext_noop, ngettext
from seqmagic.widgets.text_table import pad

PACKAGE = Path(__file__).parents[1]
SECONDS = 300  # Timeout for a process that is tried.
ENOUGH = 1_000_000_000  # Bytes needed by a kernel with a small network.
MARK, PART = 3, 18  # Columns.
PYTHONS = ((3, 11), (3, 13))
WIDGETS_IN_PAGE = "@jupyter-widgets/jupyterlab-manager"
TRIAL = """
import json, os, time, warnings
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
warnings.simplefilter("ignore")
try:
    began = time.perf_counter()
    import tensorflow, keras, numpy
    took = time.perf_counter() - began
    import seqmagic
    model = seqmagic.build("input 2 -> dense 1\\ncompile sgd mse")
    model.fit(numpy.zeros((4, 2)), numpy.zeros(4), verbose=0)
    devices = len(tensorflow.config.list_physical_devices("GPU"))
    print(json.dumps({"trained": [tensorflow.__version__, keras.__version__, keras.backend.backend(), took, devices]}))
except Exception as error:
    print(json.dumps({"error": type(error).__name__, "message": str(error), "missing": getattr(error, "name", None)}))
"""
OUT_OF_MEMORY = ("MemoryError", "MemoryLimitError", "ResourceExhaustedError", "bad_alloc")
CLOSE = gettext_noop("close other programs and notebooks; a kernel needs 1 GB")


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
        mark = gettext("ok") if self.works else gettext("NOT")
        line = f"{pad(mark, MARK)}  {pad(gettext(self.part), PART)} {self.found}"
        told = gettext("Better: {instead}", instead=self.instead) if self.works else gettext("Do: {instead}", instead=self.instead)
        return f"{line}\n{'':<{MARK + PART + 2}} {told}" if self.instead else line


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
    found = gettext("{version} in {folder}", version=platform.python_version(), folder=sys.prefix)
    least, most = (".".join(map(str, one)) for one in PYTHONS)
    fits = PYTHONS[0] <= sys.version_info[:2] <= PYTHONS[1]
    return fits, found, "" if fits else gettext("a virtual environment with Python {least} to {most}", least=least, most=most)


def _look_at_packages() -> Found:
    data = gettext("the data of the course")
    optional = {"pandas": gettext("tables"), "scikit-learn": data, "mlxtend": data, "optuna": "%sweep"}
    missing = [f"{name} ({use})" for name, use in optional.items() if not _version_of(name)]
    rest = gettext("; missing: {missing}", missing=", ".join(missing)) if missing else gettext(", with all optional packages")
    return True, f"seqmagic {_version_of(PACKAGE.name)}{rest}", 'python -m pip install "seqmagic[lab,sweep]"' if missing else ""


def _look_at_widgets() -> Found:
    from jupyter_core.paths import jupyter_path

    found = ", ".join(f"{name} {_version_of(name)}" for name in ("ipywidgets", "anywidget") if _version_of(name))
    if not _version_of("jupyterlab") and not _version_of("notebook"):
        instead = gettext('python -m pip install "seqmagic[lab]", or those of a hub')
        return True, gettext("{found}; no JupyterLab or Notebook in this environment", found=found), instead
    there = any((Path(place) / WIDGETS_IN_PAGE).is_dir() for place in jupyter_path("labextensions"))
    missing = gettext("{found}, but the browser part is missing", found=found)
    return there, found if there else missing, "" if there else "python -m pip install jupyterlab_widgets"


def _look_at_extension() -> Found:
    from jupyter_core.paths import jupyter_path

    places = [Path(place) / "seqmagic" / "package.json" for place in jupyter_path("labextensions")]
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        return False, gettext("not installed, so cells have no colours and no shapes"), _reinstall()
    there = json.loads(found.read_text("utf-8")).get("version", "")
    lab = _version_of("jupyterlab")
    where = gettext("in {folder}", folder=found.parent) + (gettext(", for JupyterLab {version}", version=lab) if lab else "")
    same = there == _shipped_version()
    return (
        same,
        where if same else gettext("{where}; it belongs to a different version of seqmagic", where=where),
        "" if same else _reinstall(),
    )


def _reinstall() -> str:
    """What installs seqmagic anew, from where it came: often a clone, whose packages no index has."""
    try:
        origin = json.loads(distribution(PACKAGE.name).read_text("direct_url.json") or "{}")
    except PackageNotFoundError:  # It is run from its folder.
        origin = {"url": PACKAGE.parent.as_uri(), "dir_info": {"editable": True}}
    source = origin.get("url", PACKAGE.name)
    if source.startswith("file:"):
        source = shlex.quote(url2pathname(urlsplit(source).path))
    editable = "--editable " if origin.get("dir_info", {}).get("editable") else ""
    return f"python -m pip install --force-reinstall --no-deps {editable}{source}"


def _shipped_version() -> str:
    built = PACKAGE / "labextension" / "built" / "package.json"
    # An installed package has it only in Jupyter's folder for extensions.
    return str(json.loads(built.read_text("utf-8"))["version"]) if built.is_file() else _version_of(PACKAGE.name)


def _look_at_memory() -> Found:
    free, cores = available_bytes(), len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    found = ngettext("{memory} free, {count} core", "{memory} free, {count} cores", cores, memory=format_bytes(free))
    return free >= ENOUGH, found, "" if free >= ENOUGH else gettext(CLOSE)


def _look_at_ledger() -> Found:
    folder = Path.cwd()
    try:
        with (
            tempfile.TemporaryDirectory(prefix=".seqmagic-", dir=folder) as place,
            closing(sqlite3.connect(Path(place, "a.sqlite"))) as made,
        ):
            made.execute("CREATE TABLE runs (id)")
    except (OSError, sqlite3.Error) as error:
        instead = gettext("a notebook in your own folder; until then, runs are lost when the kernel ends")
        return False, gettext("{folder} can't be written: {reason}", folder=folder, reason=_reason(error)), instead
    file = folder / DEFAULT_FILE
    if not file.exists():
        return True, gettext("{folder} is writable", folder=folder), ""
    ledger = Ledger(file)
    count, notes = len(ledger.entries()), ledger.warnings
    ledger.close()
    return True, notes[0] if notes else ngettext("{count} run in {file}", "{count} runs in {file}", count, file=file.name), ""


def _look_at_class() -> Found:
    file = find_class_file(Path.cwd())
    if file is None:
        return True, gettext("none here, so nothing is hidden, locked or limited"), ""
    try:
        rules = read_class_file(file)
        follow(rules)
        locked = {part: rules.locked[part] for part in OF_COMPILE if part in rules.locked}
        if locked:
            read_locked(locked)
    except SeqmagicError as error:
        return False, f"{file}\n{textwrap.indent(str(error), ' ' * 24)}", gettext("correct what is listed above")
    return True, str(file), ""


def _look_at_kernel() -> Found:
    from jupyter_client.manager import start_new_kernel

    code = "import seqmagic, sys, ipykernel; print(sys.prefix, seqmagic.__file__, ipykernel.__version__, sep='\\n')"
    output: list[str] = []
    try:
        manager, client = start_new_kernel(startup_timeout=60, stderr=subprocess.DEVNULL)
    except (OSError, RuntimeError) as error:  # Its Python is gone, or it has ended at once.
        return False, gettext("the notebook's kernel does not start: {reason}", reason=_reason(error)), _install_kernel()
    try:
        client.execute_interactive(code, timeout=60, output_hook=lambda message: output.append(message["content"].get("text", "")))
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    lines = "".join(output).split("\n")
    if len(lines) < 3:
        return False, gettext("the notebook's kernel has no seqmagic"), _install_kernel()
    same = Path(lines[1]).parent == PACKAGE
    found = f"ipykernel {lines[2]}" + ("" if same else gettext(", but from another environment: {folder}", folder=lines[0]))
    return same, found, "" if same else _install_kernel()


def _install_kernel() -> str:
    """What makes this Python the notebooks' kernel, in the folder that Jupyter looks into first."""
    from jupyter_core.paths import prefer_environment_over_user

    place = "--sys-prefix" if prefer_environment_over_user() else "--user"
    return f"{shlex.quote(sys.executable)} -m ipykernel install {place} --name python3"


def _look_at_tensorflow() -> Found:
    """In a separate process, because TensorFlow crashes on a CPU that it does not support, and where memory runs out."""
    try:
        done = subprocess.run([sys.executable, "-c", TRIAL], capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        return False, gettext("a small network was not trained within {seconds} s", seconds=SECONDS), gettext(CLOSE)
    if done.returncode != 0:
        return _crash(done)
    report = json.loads(done.stdout.splitlines()[-1])
    if "trained" not in report:
        return _failure(**report)
    tensorflow, keras, backend, took, devices = report["trained"]
    cards = ngettext(", {count} graphics card", ", {count} graphics cards", devices) if devices else ""
    loaded = gettext("{tensorflow} with Keras {keras} on {backend}", tensorflow=tensorflow, keras=keras, backend=backend)
    return True, loaded + gettext(": a network trains{cards}; loading took {seconds:.0f} s", cards=cards, seconds=took), ""


def _crash(done: subprocess.CompletedProcess[str]) -> Found:
    """Of a process that was ended without a word of Python's."""
    if done.returncode == -getattr(signal, "SIGKILL", 0) or any(word in done.stderr for word in OUT_OF_MEMORY):
        return False, gettext("memory ran out while a small network was loaded and trained"), gettext(CLOSE)
    if done.returncode == -getattr(signal, "SIGILL", 0):
        return False, gettext("this processor lacks instructions that TensorFlow needs (AVX)"), gettext("another computer, or Binder")
    return False, gettext("it ended with status {status}", status=done.returncode), _reinstall_tensorflow()


def _failure(error: str, message: str, missing: str | None) -> Found:
    """Of a process that reported an exception."""
    if error in OUT_OF_MEMORY:
        return False, gettext("memory ran out while a small network was loaded and trained"), gettext(CLOSE)
    if missing == "tensorflow":
        return False, gettext("not installed"), 'python -m pip install "seqmagic[cpu]"'
    return False, f"{error}: {(message.splitlines() or [''])[0][:200]}".rstrip(": "), _reinstall_tensorflow()


def _reinstall_tensorflow() -> str:
    installed = [name for name in ("tensorflow-cpu", "tensorflow") if _version_of(name)]
    return f"python -m pip install --force-reinstall {' '.join(installed)} keras" if installed else 'python -m pip install "seqmagic[cpu]"'


def _reason(error: Exception) -> str:
    """What the system says, without the names of temporary files."""
    return str(getattr(error, "strerror", None) or error)


def _version_of(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


PARTS: dict[str, Callable[[], Found]] = {
    "Python": _look_at_python,
    gettext_noop("packages"): _look_at_packages,
    gettext_noop("widgets"): _look_at_widgets,
    gettext_noop("browser extension"): _look_at_extension,
    gettext_noop("memory"): _look_at_memory,
    gettext_noop("runs"): _look_at_ledger,
    gettext_noop("class file"): _look_at_class,
    gettext_noop("kernel"): _look_at_kernel,
    "TensorFlow": _look_at_tensorflow,
}
