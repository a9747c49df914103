"""The versions of packages on workers: another Keras may give other numbers, and a worker needs seqmagic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from seqmagic.machines.errors import MachineError
from seqmagic.translation import gettext

PACKAGES = {"keras": "Keras", "tensorflow": "TensorFlow", "numpy": "NumPy", "cloudpickle": "cloudpickle"}
# Evaluated on the worker by Python's `eval`, so seqmagic need not be installed there. It imports nothing slow.
PROBE = """(lambda platform, metadata, util: {
    "Python": platform.python_version(),
    "seqmagic": __import__("seqmagic").__version__ if util.find_spec("seqmagic") else "",
    **{word: next((d.version for name in (package, package + "-cpu", package + "-intel") for d in
        metadata.distributions(name=name)), "") for package, word in %r.items()},
})(__import__("platform"), __import__("importlib.metadata").metadata, __import__("importlib.util").util)"""
PROBE = PROBE % (PACKAGES,)


def versions_here() -> dict[str, str]:
    """The versions in this process."""
    return dict(eval(PROBE))  # noqa: S307  # The same text that workers evaluate.


def check_versions(found: Mapping[str, Mapping[str, str]]) -> None:
    """Check the versions of all workers against this kernel's.

    Args:
        found: the versions of each worker, by its address.

    Raises:
        MachineError: At the first that differs.
    """
    here = versions_here()
    for address, versions in found.items():
        told = list(_differences(here, versions))
        if told:
            problem = gettext("The worker at {address} has {what}.", address=address, what=gettext(" and ").join(told))
            raise MachineError(problem, expected=gettext("the same package versions on both sides"), instead=_remedy(here, versions))


def _differences(here: Mapping[str, str], there: Mapping[str, str]) -> Iterator[str]:
    for name, version in here.items():
        found = there.get(name, "")
        if _telling(name, found) != _telling(name, version):
            own = version or gettext("none")
            both = gettext("{name} {found}, but this kernel has {own}", name=name, found=found, own=own)
            yield both if found else gettext("no {name}", name=name)


def _telling(name: str, version: str) -> tuple[str, ...]:
    """The parts of a version that must be equal: the last number of Python, cloudpickle and NumPy doesn't matter."""
    parts = tuple(version.split("."))
    return parts[:2] if name in ("Python", "cloudpickle", "NumPy") else parts


def _remedy(here: Mapping[str, str], there: Mapping[str, str]) -> str:
    words = {word: package for package, word in PACKAGES.items()}
    wrong = [word for word in here if _telling(word, here[word]) != _telling(word, there.get(word, "")) and word != "Python"]
    return " ".join(["pip install", *(f"{words.get(word, word)}=={here[word]}" for word in wrong), gettext("(there)")]) if wrong else ""
