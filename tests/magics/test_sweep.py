"""`%sweep`: cells with choices, tries in the background, and a kernel that is killed in the middle of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from seqmagic.ledger.current import current_ledger
from seqmagic.options.sweep_line import read_sweep
from tests.support.kernel import Kernel, running_kernel
from tests.support.notebook_shell import NotebookShell, notebook_shell

FAMILY = """%%sequential net
input 8
(dense choice(4, 8, {2 * width}) choice(relu, tanh)) * between(1, 2)
dense 2 softmax
compile adam(log(1e-3, 1e-1)) sparse_categorical_crossentropy accuracy"""
DATA = """
import numpy as np
x = np.random.RandomState(0).rand(80, 8).astype("float32")
y = (x.sum(axis=1) > 4).astype("int64")
width = 3
"""


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NotebookShell]:
    with notebook_shell() as shell:
        assert shell.run(f"%config SeqMagics.ledger = {str(tmp_path_factory.mktemp('runs') / 'runs.sqlite')!r}\n{DATA}").error is None
        yield shell


def test_a_cell_with_choices_binds_nothing_and_the_best_is_bound_at_the_end(notebook: NotebookShell) -> None:
    notebook.run("%sequential net input 8 -> dense 2 softmax")
    before = notebook.names["net"]
    outcome = notebook.run(FAMILY)
    assert outcome.error is None
    assert notebook.names["net"] is before
    assert "with 46 to 110 parameters" in outcome.printed
    assert "dense times     2  1 to 2" in outcome.printed
    outcome = notebook.run("%sweep net x y validation_split=0.25 epochs=2 trials=2 batch_size=choice(16, 32)")
    assert outcome.error is None
    best = notebook.names["net"]
    assert best is not before
    shown = notebook.run("%sequential net --text").printed
    assert "choice" not in shown
    loss = best.evaluate(notebook.names["x"][60:], notebook.names["y"][60:], verbose=0)[0]
    assert f"best val_loss {loss:.4g}" in outcome.printed
    assert "Best so far: trial 1 " in outcome.printed


def test_a_sweep_goes_on_to_more_tries_with_the_words_of_the_first(notebook: NotebookShell) -> None:
    notebook.run(FAMILY)
    notebook.run("%sweep net x y validation_split=0.25 epochs=1 trials=1 prune=false")
    outcome = notebook.run("%sweep net trials=2 --resume")
    assert outcome.error is None
    ledger = current_ledger()
    assert ledger is not None
    assert [entry.sweep["settings"]["prune"] for entry in ledger.glance(2)] == [False, False]
    assert "2 of 2 trials" in outcome.printed
    runs = notebook.run("%runs net").printed
    assert "choice" not in runs


def test_a_plain_model_is_trained_from_several_seeds(notebook: NotebookShell) -> None:
    notebook.run("%%sequential plain\ninput 8 -> dense 2 softmax\ncompile adam sparse_categorical_crossentropy accuracy")
    outcome = notebook.run("%sweep plain x y epochs=1 seeds=2")
    assert outcome.error is None
    assert "±" in outcome.printed
    refused = notebook.run("%sweep plain x y epochs=1")
    assert refused.errors[0].problem == "'plain' has no choices, so there is only one network to try and nothing to compare."


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("%sweep", "%sweep needs the name of a network."),
        ("%sweep nett x y", "There is no network called 'nett'."),
        ("%sweep net x y trials=0", "trials is 0."),
        ("%sweep net x y trils=3", "'%sweep' has no argument 'trils'."),
        ("%sweep net x y prune=perhaps", "prune is 'perhaps'."),
        ("%sweep net x y batch_size=choice(8, sixteen)", "There is no variable called 'sixteen'."),
        ("%sweep net x y batch_size=choice(3)", "choice needs at least two values."),
        ("%sweep net", "The sweep has no data."),
        ("%sweep net x z", "There is no variable called 'z'."),
        ("%sweep net x y trials=2 trials=3", "The line has 'trials' twice."),
        (FAMILY.replace("dense 2 softmax", "dese 2"), "There is no layer called 'dese'."),
        (FAMILY.replace("choice(relu, tanh)", "choice(relu, tahn)"), "'dense' has no word 'tahn'. This happens with"),
    ],
)
def test_what_is_wrong_is_reported_and_the_family_stays(notebook: NotebookShell, cell: str, said: str) -> None:
    notebook.run(FAMILY)
    kept = notebook.names.get("net")
    (error, *_) = notebook.run(cell).errors
    assert error.problem.startswith(said)
    assert notebook.names.get("net") is kept
    if error.span is not None and cell.startswith("%sweep"):
        assert error.span.source == cell
        assert cell[error.span.column - 1 : error.span.end - 1] in (
            "z",
            "choice(3)",
            "trials=3",
            "trials=0",
            "trils",
            "prune=perhaps",
            "sixteen",
        )


def test_where_a_model_is_wanted_a_family_leads_to_its_sweep(notebook: NotebookShell) -> None:
    notebook.run("net = None")
    notebook.run(FAMILY)
    (error,) = notebook.run("%fit net x y").errors
    assert error.instead == "%sweep net x_train y_train trials=20"


def test_a_line_is_read_into_its_settings_and_what_is_left_for_fit() -> None:
    request = read_sweep("digits x y trials=5 best=val_accuracy batch_size=choice(16, 32) stratified validation_split=0.2 prune=false")
    assert request.settings == {"trials": 5, "best": "val_accuracy", "prune": False}
    assert request.step is not None
    assert request.step.text == "fit x y batch_size=choice(16, 32) stratified validation_split=0.2"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lab")


def _begin(kernel: Kernel) -> None:
    assert kernel.run("%load_ext seqmagic" + DATA).status == "ok"
    assert kernel.run(FAMILY).status == "ok"


TRIES = "[(one.number, one.values, one.result) for one in seqmagic_sweep.trials]"
WATCH = "from seqmagic.sweeps.registry import active_sweeps\nseqmagic_sweep = active_sweeps()[0]"


@pytest.mark.kernel
@pytest.mark.timeout(400)
def test_a_sweep_survives_its_kernel_and_a_later_cell_waits_for_the_best(folder: Path) -> None:
    line = "%sweep net x y validation_split=0.25 epochs=30 trials=2"
    with running_kernel(folder) as victim:
        _begin(victim)
        assert victim.run(line).status == "ok"
        assert victim.run(WATCH).status == "ok"
        victim.wait_until("any(len(outcome.rows) > 4 for one in seqmagic_sweep.trials[1:] for outcome in one.outcomes)")
        first = victim.value("repr(seqmagic_sweep.trials[0].result)")
        victim.manager.shutdown_kernel(now=True)  # As kill -9.
    with running_kernel(folder) as kernel:
        _begin(kernel)
        assert kernel.run(f"{line} --resume").status == "ok"
        assert kernel.run(WATCH).status == "ok"
        assert kernel.value("repr(seqmagic_sweep.trials[0].result)") == first
        used = kernel.run("net.name, net.count_params() > 0", timeout=300)  # It waits for the end of the sweep.
        assert used.text.strip().endswith("('net', True)")
        assert kernel.value("seqmagic_sweep.state") == "'done'"
        gone_on = kernel.value(TRIES)
        assert kernel.run(f"{line}").status == "ok"
        assert kernel.run(WATCH).status == "ok"
        kernel.run("seqmagic_sweep.wait()", timeout=300)
        assert kernel.value(TRIES) == gone_on
