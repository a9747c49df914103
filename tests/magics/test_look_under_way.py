"""`%look` of a model that trains doesn't wait: it shows what the model does meanwhile, and at the end all of it."""

from __future__ import annotations

from tests.support.kernel import Kernel


def test_a_look_opens_while_the_model_trains_and_is_whole_when_that_has_ended(digits: Kernel) -> None:
    digits.run("%fit digits x y epochs=100000")
    digits.wait_until("len(active()) == 1 and len(active()[0].record.batches) > 0")
    outcome = digits.run("%look digits x y")
    assert outcome.status == "ok"
    assert digits.value("len(active())") == "1", "it did not wait for the end"
    assert "was training when this was saved" in outcome.text
    digits.run("import gc\nfrom seqmagic.widgets.look.view import LookView, WORKER")
    digits.run("(view,) = [one for one in gc.get_objects() if isinstance(one, LookView)]")
    digits.wait_until("view.state is not None")
    assert "Training, epoch " in digits.value("view.page.shown['epochs']['reason']")
    digits.run("for run in active(): run.stop().wait_quietly()")
    digits.wait_until("view.state is not None and len(view.state.predictions) == len(x)")
    digits.run("WORKER.submit(lambda: None).result()")
    assert "1,797 samples: " in digits.value("view.saved_text()")


def test_without_a_page_a_training_is_not_looked_at(digits: Kernel) -> None:
    digits.run("from seqmagic.training.run import Run\nrun = Run(digits, x, y, epochs=100000).start()")
    outcome = digits.run("run.pause(); run.wait_quietly()\nget_ipython().run_line_magic('look', 'digits x y')", live=False)
    digits.run("run.stop()")
    assert outcome.status == "error"
    assert "'digits' is training (paused in epoch" in "\n".join(outcome.error)
