"""What all tests share: data, a small network, markers by folder, and the distribution of the suite over the cores."""

from __future__ import annotations

import gc
import os
import random
import sys
import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from tests.support.digits import DIGITS
from tests.support.renewed import let_go, renewed, take_back

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("SEQMAGIC_TEST_RUN", str(os.getpid()))  # Workers know by it whose kernels they share.
os.environ["SEQMAGIC_LANGUAGE"] = "en"  # Independent of the locale in which the tests run.
# To check URI formats, jsonschema builds 38 parsers when nbformat is imported, which takes two seconds. Without the package it checks none.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

# The suite that guards main tries the same examples each time, so that a failure is caused by the change; new examples are tried with
# SEQMAGIC_FUZZ_FACTOR.
settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.register_profile("searching", deadline=None)
settings.load_profile("searching" if "SEQMAGIC_FUZZ_FACTOR" in os.environ else "repeatable")

TESTS = Path(__file__).parent
# The markers of the tests in a folder or file. The first match counts; slow ones come first, because tests are handed out in this order.
MARKS: dict[str, tuple[str, ...]] = {
    "browser": ("browser", "kernel"),
    "magics/test_line_options.py": ("keras",),
    "magics/test_run_offers.py": ("keras",),
    "magics": ("kernel",),
    "notebooks/test_notebooks.py": ("kernel",),
    "fuzz": ("fuzz", "keras"),
    "test_both_ways.py": ("fuzz", "keras"),
    "test_round_trips.py": ("fuzz", "keras"),
    "pasted": ("keras",),
    "training": ("keras",),
    "widgets/test_dashboard.py": ("keras",),
    "widgets/test_training_panel.py": ("keras",),
    "widgets/test_compatibility.py": ("keras",),
    "widgets/test_status.py": ("keras",),
    "widgets/test_sweep_panel.py": ("keras",),
    "widgets/test_callbacks.py": ("keras",),
    "widgets/test_all_in_words.py": ("keras",),
    "widgets/test_best_runs.py": ("keras",),
    "widgets/test_best_trials.py": ("keras",),
    "widgets/test_card_sums.py": ("keras",),
    "widgets/test_class_rules.py": ("keras",),
    "widgets/test_closing.py": ("keras",),
    "widgets/test_folded_panel.py": ("keras",),
    "widgets/test_graph_card.py": ("keras",),
    "widgets/test_history_shown.py": ("keras",),
    "widgets/test_picture_language.py": ("keras",),
    "widgets/test_strange_files.py": ("keras",),
    "widgets/test_picture.py": ("keras",),
    "widgets/test_rate_button.py": ("keras",),
    "widgets/test_rate_during_search.py": ("keras",),
    "widgets/test_run_comparison.py": ("keras",),
    "widgets/drawing": ("keras",),
    "widgets/look": ("keras",),
    "widgets": ("fast", "keras"),
    "network/test_coverage.py": ("keras",),
    "network/test_keras_internals.py": ("keras",),
    "network/test_known_networks.py": ("keras",),
    "network/test_metric_direction.py": ("keras",),
    "network/test_multiply_adds.py": ("keras",),
    "network/test_names.py": ("keras",),
    "network/test_other_names.py": ("keras",),
    "network": ("fast", "keras"),
    "describe": ("keras",),
    "analysis": ("keras",),
    "exercises": ("keras",),
    "classroom/test_class_file.py": ("fast",),
    "classroom": ("keras",),
    "commands/test_lab_versions.py": ("fast",),
    "commands": ("kernel",),
    "graders": ("kernel",),
    "data": ("keras",),
    "ledger": ("keras",),
    "steps": ("keras",),
    "sweeps": ("keras",),
    "keras_internals": ("fast", "keras"),
    "golden/test_golden.py": ("fast", "keras"),
    "golden": ("keras",),
    "test_tutorial.py": ("keras",),
    "test_described_models.py": ("keras",),
    "test_import_time.py": ("keras",),
    "test_examples.py": ("keras",),
    "test_binder.py": (),
    "editor": ("keras",),
    "language": ("fast",),
    "notebooks": ("fast",),
    "test_architecture.py": ("fast",),
    "test_errors.py": ("fast",),
}
PLACES = list(MARKS)
APART = ("tests/notebooks/test_notebooks.py", "tests/graders/test_graders.py")
MOST_WORKERS = 4  # Each may run a kernel, a JupyterLab and a browser as well.


@cache
def place_of(path: Path) -> str:
    """The entry of MARKS for a test file."""
    inside = path.relative_to(TESTS)
    return next((place for place in PLACES if inside.is_relative_to(place)), "")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Run the whole suite on all cores; a part of it in a single process, which starts faster and prints at once."""
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None
    cores = os.cpu_count() or 1
    if config.args_source is pytest.Config.ArgsSource.ARGS or config.option.keyword:
        return 0
    # One more than the number of cores, because tests with a kernel or a page spend a fifth of their time waiting. No fast test waits.
    return min(cores if config.option.markexpr == "fast" else cores + 1, MOST_WORKERS)


class ByFile(LoadScopeScheduling):
    """Hands out whole files, because their tests share kernels and models; and all browser tests together, because they share a server.

    The tests of a few slow files share nothing: they are handed out one by one, so that no core waits for a single file at the end.
    """

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith("tests/browser/"):
            return "tests/browser"
        file = nodeid.partition("::")[0]
        return nodeid if file in APART else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    """Called only with several workers."""
    return ByFile(config, log)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With -m fast, don't even import other files, or the conftest.py of other folders."""
    if config.option.markexpr != "fast" or not collection_path.is_relative_to(TESTS):
        return None
    if collection_path.is_dir():
        inside = collection_path.relative_to(TESTS)
        fast = [Path(place) for place, marks in MARKS.items() if "fast" in marks]
        return not any(place.is_relative_to(inside) or inside.is_relative_to(place) for place in fast) or None
    if collection_path.name.startswith("test_") and collection_path.suffix == ".py":
        return "fast" not in MARKS.get(place_of(collection_path), ()) or None
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Add the markers of its file to each test, and put the slow ones first."""
    for item in items:
        for mark in MARKS.get(place_of(item.path), ()):
            item.add_marker(mark)
    items.sort(key=lambda item: PLACES.index(place) if (place := place_of(item.path)) else 0)


def set_aside() -> None:
    """Collect garbage, and exclude everything that remains from later garbage collections.

    TensorFlow never frees one or two graphs of each trained model: after some hundred models a garbage collection visits millions of
    objects, and blocks the current run for many seconds.
    """
    gc.collect()
    gc.freeze()


def pytest_collection_finish() -> None:
    """Keras has been imported by now, and its objects stay."""
    set_aside()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Start the random numbers of a test, and so the weights of its models, where its name says: the same in each round of the suite.

    Keras takes a seed that nobody gave from Python's generator. With SEQMAGIC_FUZZ_FACTOR each round has numbers of its own.
    """
    seed = None if "SEQMAGIC_FUZZ_FACTOR" in os.environ else zlib.crc32(item.nodeid.encode())
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002  # Keras shuffles with this one.


def pytest_runtest_logfinish() -> None:
    """After a test only its models remain."""
    take_back()


@pytest.fixture(scope="module", autouse=True)
def what_a_file_leaves() -> Iterator[None]:
    """Restore `__main__`, which a shell replaces, at the end of a file, free its models and close figures: the next file is arbitrary."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
    let_go()
    set_aside()


@pytest.fixture(scope="session")
def digits_data() -> tuple[Any, Any]:
    """scikit-learn's 1,797 digits, as 8x8x1 images from 0 to 1, and their labels."""
    from sklearn.datasets import load_digits

    pictures, labels = load_digits(return_X_y=True)
    return (pictures / 16).reshape(-1, 8, 8, 1), labels


@pytest.fixture
def digits_model() -> Any:
    """A new small network for the digits."""
    from seqmagic import build

    return renewed(build(DIGITS))
