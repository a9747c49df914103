"""`%runs` in a real kernel: what was trained, what changed, a model again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from seqmagic.errors import LanguageError, UnknownNameError
from seqmagic.magics.runs import RunRequest, read_request
from tests.support.kernel import Kernel, running_kernel

KEEP = """
import seqmagic
from sklearn.datasets import load_digits
from seqmagic.ledger.current import current_ledger
x, y = load_digits(return_X_y=True)
x, y = x[:300].reshape(-1, 8, 8, 1) / 16, y[:300]

def train(model, **options):
    return seqmagic.fit(model, x, y, **options).wait()
"""
NETWORK = """%%sequential digits --quiet
input 8x8x1
conv 8 3x3 relu
flatten -> dropout 0.3
dense 10 softmax
compile adam(0.01) sparse_categorical_crossentropy accuracy"""


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """A kernel in a folder of its own, with three runs of real training."""
    folder = tmp_path_factory.mktemp("runs")
    with running_kernel(folder) as running:
        assert "No runs are saved yet" in running.run("%runs").printed
        assert list(folder.iterdir()) == [], "looking makes no file"
        for cell in (
            KEEP,
            NETWORK,
            "train(digits, epochs=2, validation_split=0.2)",
            NETWORK.replace("conv 8", "conv 16"),
            "train(digits, epochs=3, validation_split=0.2)",
        ):
            assert running.run(cell).error == []
        assert (
            running.run(
                "%sequential other input 8x8x1 -> flatten -> dense 10 softmax --quiet\nother.compile('sgd', 'sparse_categorical_crossentropy')"
            ).error
            == []
        )
        assert (
            running.run(
                "run = seqmagic.fit(other, x, y, epochs=10_000); run.pause()\nimport time\nwhile run.state != 'paused': time.sleep(0.01)\nrun.stop().wait()"
            ).error
            == []
        )
        yield running


def test_the_table_shows_the_newest_first_and_what_changed(kernel: Kernel) -> None:
    outcome = kernel.run("%runs")
    lines = outcome.text.splitlines()
    assert lines[0].split() == [
        "run",
        "model",
        "started",
        "ended",
        "epochs",
        "took",
        "best",
        "loss",
        "best",
        "val_loss",
        "best",
        "accuracy",
        "best",
        "val_accuracy",
        "changed",
    ]
    assert [line.split()[0] for line in lines[1:4]] == ["3", "2", "1"]
    assert "stopped" in lines[1]
    assert lines[2].endswith("conv 8 3x3 relu → conv 16 3x3 relu; epochs 2 → 3")
    assert lines[3].endswith("first run")
    assert lines[4].startswith("★ marks the best of a model's runs")
    assert lines[5] == "Saved in seqmagic-runs.sqlite."
    html = outcome.displayed[0]["text/html"]
    assert html.count("<tr") == 4
    assert "conv 8 3x3 relu → conv 16 3x3 relu" in html


def test_runs_of_one_model_and_the_best_first(kernel: Kernel) -> None:
    assert [line.split()[0] for line in kernel.run("%runs digits").text.splitlines()[1:3]] == ["2", "1"]
    best = kernel.value("[e.id for e in sorted(current_ledger().entries()[:2], key=lambda e: -e.best['accuracy'][0])]")
    lines = kernel.run("%runs --best accuracy").text.splitlines()
    assert [int(line.split()[0]) for line in lines[1:3]] == eval(best)  # noqa: S307
    assert lines[0].split()[6:8] == ["best", "accuracy"]
    assert lines[3].split()[0] == "3", "a run without the metric comes last"


def test_one_run_is_shown_with_all_that_is_known_of_it(kernel: Kernel) -> None:
    outcome = kernel.run("%runs 2")
    assert outcome.error == []
    card = outcome.displayed[0]["text/plain"]
    for part in (
        "Run 2: digits",
        "trained       3 epochs in ",
        "weights kept  best",
        "conv 16 3x3 relu",
        "fit x y epochs=3 validation_split=0.2",
        "learning_rate",
        "300 rows of 8x8x1, float64",
    ):
        assert part in card
    assert outcome.displayed[1]["image/png"]
    assert "run 2: " in outcome.displayed[1]["text/plain"]


def test_two_runs_are_held_against_each_other(kernel: Kernel) -> None:
    outcome = kernel.run("%runs 1 2")
    assert outcome.error == []
    text = outcome.displayed[0]["text/plain"]
    assert "Run 1 → run 2: digits" in text
    assert "\n− conv 8 3x3 relu\n+ conv 16 3x3 relu\n" in text
    assert [line.split() for line in text.splitlines() if line.startswith("epochs")] == [["epochs", "2", "3"]]
    html = outcome.displayed[0]["text/html"]
    assert "<del>− conv 8 3x3 relu</del><ins>+ conv 16 3x3 relu</ins>" in html
    curves = outcome.displayed[1]
    assert curves["image/png"]
    assert [line.split()[:3] for line in curves["text/plain"].splitlines()[:2]] == [["loss", "run", "1:"], ["loss", "run", "2:"]]


def test_any_number_of_runs_lie_over_each_other(kernel: Kernel) -> None:
    outcome = kernel.run("%runs 1 2 3")
    assert outcome.error == []
    text = outcome.displayed[0]["text/plain"]
    assert text.startswith("Runs 1, 2 and 3: digits and other\n")
    assert [line.split()[:2] for line in text.splitlines() if line.startswith("line 2 ")] == [["line", "2"]]
    assert 'aria-label="Settings of 3 runs"' in outcome.displayed[0]["text/html"]
    curves = outcome.displayed[1]
    assert curves["image/png"]
    assert [line.split()[1:3] for line in curves["text/plain"].splitlines()[:2]] == [["run", "1:"], ["run", "2:"]]
    same = kernel.run("import seqmagic; print(seqmagic.compare(1, 2, 3)); seqmagic.compare(1, 2, 3).plot()")
    assert same.printed.strip() == text.strip()
    assert same.displayed[0]["image/png"]


def test_a_runs_model_comes_back_with_its_weights(kernel: Kernel) -> None:
    kernel.run("before = digits.predict(x, verbose=0)")
    assert kernel.run("%runs 2 --load again").printed == "again is the model of run 2 (digits), with its best weights.\n"
    assert kernel.value("again is not digits, again.compiled, bool((again.predict(x, verbose=0) == before).all())") == "(True, True, True)"


def test_a_run_is_under_way_as_long_as_its_kernel_lives(kernel: Kernel) -> None:
    begin = "from seqmagic.ledger.ledger import RunEntry; current_ledger().begin(RunEntry(name='lost', epochs=9))"
    with running_kernel(kernel.folder) as second:
        assert second.run(f"from seqmagic.ledger.current import current_ledger; {begin}").error == []
        assert "running" in kernel.run("%runs lost").text
        outcome = kernel.run("%runs 4 --delete")
        assert outcome.error[:2] == ["BusyError", "Run 4 is still running.\nExpected: it to end before it is deleted."]
        second.manager.shutdown_kernel(now=True)
    assert "kernel died  0 of 9" in kernel.run("%runs lost").text
    assert kernel.run("%runs 4 --load again").error[1].startswith("Run 4 has no text")


def test_a_run_is_deleted(kernel: Kernel) -> None:
    kernel.run("train(other, epochs=1); train(other, epochs=1)")
    assert kernel.run("%runs 5 6 --delete").printed == "Runs 5, 6 were deleted.\n"
    assert kernel.value("[entry.id for entry in current_ledger().entries()]") == "[1, 2, 3, 4]"


@pytest.mark.parametrize(
    ("line", "name", "message"),
    [
        ("%runs 99", "UnknownNameError", "There is no run called '99'.\nThe runs here are 1 to "),
        ("%runs digts", "UnknownNameError", "There is no run of a model called 'digts'.\nClosest matches: digits."),
        (
            "%runs --best acuracy",
            "UnknownNameError",
            "There is no metric called 'acuracy'.\nClosest matches: accuracy, val_accuracy.",
        ),
        ("%runs --worst loss", "UnknownNameError", "'%runs' has no option '--worst'."),
    ],
)
def test_what_can_not_be_shown_is_refused_in_words(kernel: Kernel, line: str, name: str, message: str) -> None:
    error = kernel.run(line).error
    assert error[0] == name
    assert error[1].startswith(message)


def test_the_setting_says_where_runs_are_kept(kernel: Kernel) -> None:
    assert kernel.run('%config SeqMagics.ledger = ""').error == []
    text = kernel.run("%runs").error
    assert text[1] == 'No runs are saved here.\nType instead: %config SeqMagics.ledger = "seqmagic-runs.sqlite"'
    refused = kernel.run('%config SeqMagics.ledger = "runs.csv"')
    assert (refused.error, "'runs.csv' can't be used as a file for runs." in refused.printed) == ([], True)
    assert kernel.value("current_ledger().path.name") == "'seqmagic-runs.sqlite'"
    kernel.run("import seqmagic")
    assert kernel.value("len(seqmagic.runs()), type(seqmagic.runs()).__name__") == "(4, 'DataFrame')"


@pytest.mark.parametrize(
    ("line", "request_"),
    [
        ("", RunRequest()),
        ("3", RunRequest(runs=(3,))),
        ("3 5", RunRequest(runs=(3, 5))),
        ("5 4 3 2 1 5", RunRequest(runs=(5, 4, 3, 2, 1))),
        ("1 2 3 --delete", RunRequest(runs=(1, 2, 3), delete=True)),
        ("digits --best loss", RunRequest(model="digits", best="loss")),
        ("--load again 3", RunRequest(runs=(3,), load="again")),
    ],
)
def test_a_line_is_read(line: str, request_: RunRequest) -> None:
    assert read_request(line) == request_


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ("digits other", "%runs digits"),
        ("digits 3", "%runs digits"),
        ("3 --load", "%runs 5 --load again"),
        ("--load again", "%runs 5 --load again"),
        ("3 --load 4a", "--load again"),
        ("--delete", "%runs 3 --delete"),
        ("--best", "%runs --best val_accuracy"),
        ("3 --best loss", "%runs --best loss"),
        ("'digits", "%runs digits"),
    ],
)
def test_a_line_that_means_nothing_says_what_would(line: str, instead: str) -> None:
    with pytest.raises(LanguageError) as caught:
        read_request(line)
    assert caught.value.instead == instead


def test_an_unknown_option_is_reported() -> None:
    with pytest.raises(UnknownNameError, match="'%runs' has no option '-x'"):
        read_request("-x")
