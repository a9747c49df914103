"""What watching costs: a training with everything live beside a bare `fit` and other watchers, in a real kernel and a real page.

    python -m tests.benchmarks.dashboard [watchers] [length] [page] [leftovers]

Watchers take turns in one kernel, after a round that doesn't count; what is printed are medians. Peers (livelossplot, trainplot,
TensorBoard) take part where they are installed.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import nbformat

from tests.support.kernel import Kernel, running_kernel
from tests.support.notebook_page import NotebookPage, browser_page, jupyter_server

ROUNDS = 5
SETUP = """
import importlib.util, keras, numpy as np, tempfile, time, types, seqmagic
from IPython.display import clear_output, display
from seqmagic.widgets import training_view
from seqmagic.widgets.training_panel import TrainingPanel
random = np.random.default_rng(1)

def tutorial():
    model = seqmagic.build("input 100 -> dense 32 relu -> dense 10 softmax\\ncompile rmsprop sparse_categorical_crossentropy accuracy")
    return model, random.random((10_000, 100), "float32"), random.integers(0, 10, 10_000), 20

def convnet():
    text = "input 8x8x1\\nconv 16 3x3 relu same -> maxpool 2 -> conv 32 3x3 relu -> flatten -> dense 10 softmax"
    model = seqmagic.build(text + "\\ncompile adam sparse_categorical_crossentropy accuracy")
    return model, random.random((6_000, 8, 8, 1), "float32"), random.integers(0, 10, 6_000), 8

def loop():
    import matplotlib.pyplot as plt
    losses = []
    def draw(epoch, logs):
        losses.append(logs["loss"])
        clear_output(wait=True)
        plt.plot(losses); plt.show()
    return keras.callbacks.LambdaCallback(on_epoch_end=draw)

def peer(name):
    module = __import__(name)
    return module.PlotLossesKeras() if name == "livelossplot" else module.TrainPlotKerasCallback()

def watch(kind, model, x, y, epochs):
    started = time.perf_counter()
    if kind == "seqmagic":
        run = seqmagic.Run(model, x, y, epochs=epochs, batch_size=32)
        panel = TrainingPanel(run)
        run.start()
        display(panel)
        run.wait()
    else:
        more = {"a hand-made clear_output loop": loop, "livelossplot": lambda: peer("livelossplot"), "trainplot": lambda: peer("trainplot"),
                "TensorBoard": lambda: keras.callbacks.TensorBoard(tempfile.mkdtemp())}.get(kind)
        model.fit(x, y, epochs=epochs, batch_size=32, verbose=int(kind == "Keras's bar"), callbacks=[more()] if more else [])
    return time.perf_counter() - started
"""
KINDS = ["bare fit", "seqmagic", "Keras's bar", "livelossplot", "trainplot", "TensorBoard", "a hand-made clear_output loop"]
PEERS = {"livelossplot": "livelossplot", "trainplot": "trainplot", "TensorBoard": "tensorboard"}
GOALS = {"tutorial": 0.5, "convnet": 1.0}


def print_line(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class Cost(NamedTuple):
    """What one training cost."""

    seconds: float
    messages: int
    sent: int
    saved: int


def measure(kernel: Kernel, code: str) -> Cost:
    """Run a cell that ends with its seconds; count what the kernel sends meanwhile, and what a notebook would keep of it."""
    kernel.send(code)
    kept: dict[str, Any] = {}
    messages = sent = 0
    seconds = 0.0
    while True:
        message = kernel.client.get_iopub_msg(timeout=300)
        kind, content = message["msg_type"], message["content"]
        size = len(json.dumps(content)) + sum(len(buffer) for buffer in message["buffers"])
        if kind == "status":
            if content["execution_state"] == "idle":
                return Cost(seconds, messages, sent, sum(len(json.dumps(part)) for part in kept.values()))
        elif kind == "execute_result":
            seconds = float(content["data"]["text/plain"])
        elif kind == "error":
            raise RuntimeError("\n".join(content["traceback"]))
        elif kind != "execute_input":
            messages, sent = messages + 1, sent + size
            keep(kept, kind, content)


def keep(kept: dict[str, Any], kind: str, content: dict[str, Any]) -> None:
    """What stays in the notebook of a message."""
    if kind == "clear_output":
        kept.clear()
    elif kind == "stream":
        kept["text"] = kept.get("text", "") + content["text"]
    elif kind in ("display_data", "update_display_data"):
        kept[content.get("transient", {}).get("display_id") or f"output {len(kept)}"] = content["data"]


def watchers() -> None:
    """Train the same with each watcher, in turns."""
    with running_kernel() as kernel:
        kernel.run("import matplotlib; %matplotlib inline")
        assert kernel.run(SETUP).status == "ok"
        installed = [
            kind for kind in KINDS if kind not in PEERS or kernel.value(f"importlib.util.find_spec({PEERS[kind]!r}) is None") == "False"
        ]
        for network, goal in GOALS.items():
            kernel.run(f"cases = {{kind: {network}() for kind in {installed!r}}}")
            costs: dict[str, list[Cost]] = {kind: [] for kind in installed}
            for turn in range(ROUNDS + 1):
                for kind in installed:
                    cost = measure(kernel, f"watch({kind!r}, *cases[{kind!r}])")
                    costs[kind] += [cost] if turn else []
            print_line(f"{network}: goal for seqmagic {goal:.1f}")
            for kind in installed:
                report(kind, costs[kind], costs["bare fit"])


def report(kind: str, costs: list[Cost], bare: list[Cost]) -> None:
    """Print the medians of one watcher; its ratio is that of each round to the bare fit of the same round."""
    seconds, messages, sent, saved = (median(column) for column in zip(*costs, strict=True))
    ratio = median(cost.seconds / other.seconds for cost, other in zip(costs, bare, strict=True))
    print_line(
        f"  {kind:30} {seconds:6.2f} s  {ratio:5.2f}  {messages:5.0f} messages  {sent / 1000:8.1f} kB sent  {saved / 1000:7.1f} kB saved"
    )


LENGTH = """
data = tutorial()
run = seqmagic.Run(*data[:3], epochs=1000)
panel = TrainingPanel(run)
display(panel)
run.start()
while run.progress.batches < 500:
    time.sleep(0.01)
run.pause()
while run.state != "paused":
    time.sleep(0.01)
panel.detach()
panel.record.cut(0)
from seqmagic.ledger.run_state import RunState
run.state = RunState.RUNNING  # As it is when updates come; the thread waits.
table, names = panel.record.batches, ["loss", "accuracy"]
sizes, times, sending, send = [], [], [], panel.view.send
def timed_send(content, buffers):
    sizes.append(len(buffers[0]))
    started = time.thread_time()
    send(content, buffers)
    sending.append(time.thread_time() - started)
panel.view.send = timed_send
clock = types.SimpleNamespace(now=time.monotonic(), monotonic=lambda: clock.now)
training_view.time = clock  # So that they come ten times a second.
def grow(count):
    begin = len(table)
    table.extend((begin + np.arange(count)) / 313, names, random.random((count, 2)))
def updates(length):
    while len(table) < min(length, 24_000):
        grow(1000)
    panel.view.update(fresh=True)
    sizes.clear(); times.clear(); sending.clear()
    for _ in range(200):
        grow(40)
        clock.now += 0.1
        started = time.thread_time()  # Of the processor: other people's load is none of ours.
        panel.view.update()
        times.append(time.thread_time() - started)
    # Every third carries words, and one in two seconds asks for the learning rate: the mean of ten is dearer than the one in the middle.
    mean = np.reshape(times, (-1, 10)).mean(axis=1)
    return *(float(np.median(many) * 1000) for many in (times, mean, sending)), float(np.percentile(sizes, 95))
"""


def length() -> None:
    """Kernel time and bytes of an update, at several lengths of the run."""
    with running_kernel() as kernel:
        assert kernel.run(SETUP + LENGTH).status == "ok"
        for rows in (100, 10_000, 24_000, 1_000_000):
            more = "[grow(10_000) for _ in range(100)]" if rows > 24_000 else "None"
            took, mean, sending, size = eval(kernel.value(f"({more}, updates({rows}))[1]"))  # noqa: S307  # Four numbers of our own.
            report(
                f"  {rows:9,} batches: {took:.3f} ms (goal 0.1), in the mean of a second {mean:.3f}; Jupyter's sending takes {sending:.3f}; "
                f"{size:5.0f} bytes at the 95th percentile (goal 1000)"
            )


PAGE = """
import asyncio
from seqmagic.widgets.downsample import CurveFeed
CurveFeed.__init__.__defaults__ = (10**6,)  # No thinning on the way: the page gets all 4 x 25,000 points.
run = seqmagic.Run(*tutorial()[:3], epochs=80)
panel = TrainingPanel(run)
table, names = panel.record.batches, ["loss", "accuracy", "precision", "recall"]
table.extend(np.arange(24_000) / 313, names, random.random((24_000, 4)))
display(panel)
async def grow():
    for step in range(60):
        table.extend((24_000 + 16 * step + np.arange(16)) / 313, names, random.random((16, 4)))
        panel.view.update()
        await asyncio.sleep(0.1)
task = asyncio.ensure_future(grow())
"""
WATCH_FRAMES = """() => new Promise((done) => {
  const long = [];
  new PerformanceObserver((list) => long.push(...list.getEntries().map((entry) => entry.duration))).observe({ entryTypes: ["longtask"] });
  const started = performance.now();
  let frames = 0;
  const count = () => {
    frames += 1;
    if (performance.now() - started < 5000) requestAnimationFrame(count);
    else done([frames / 5, long]);
  };
  requestAnimationFrame(count);
})"""


def page() -> None:
    """Frames a second and long tasks in JupyterLab, while 4 x 25,000 points grow."""
    with tempfile.TemporaryDirectory() as folder, jupyter_server(Path(folder)) as address, browser_page() as browser:
        cells = [nbformat.v4.new_code_cell(code) for code in ("%load_ext seqmagic", SETUP, PAGE)]
        spec = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=spec), Path(folder) / "page.ipynb")
        notebook = NotebookPage(browser, address, "page.ipynb").open().wait_for_kernel()
        notebook.run_all()
        browser.wait_for_function("() => Number(document.querySelector('[data-points]')?.dataset.points) > 24000", timeout=120_000)
        browser.wait_for_timeout(500)
        frames, tasks = browser.evaluate(WATCH_FRAMES)
        points = notebook.panel().locator(".seqmagic-training").get_attribute("data-rows")
        longest = max(tasks, default=0)
        report(
            f"  {points} rows of 4: {frames:.0f} frames a second (goal 30), {len(tasks)} long tasks, the longest {longest:.0f} ms (goal 50)"
        )
        notebook.shut_down()


COUNTING = """
import gc, threading, psutil
from ipywidgets.widgets.widget import _instances
gc.collect()
[threading.active_count(), len(_instances), len(get_ipython().kernel.comm_manager.comms), psutil.Process().memory_info().rss // 10**6]
"""


def leftovers() -> None:
    """Threads, widgets, comms and megabytes, after 1, 21, 41 and 61 dashboards in a cell that runs again and again."""
    with running_kernel() as kernel:
        assert kernel.run(SETUP + "\nnet, rows, labels, _ = tutorial()").status == "ok"
        for turn in range(62):
            in_cell(kernel, "%dashboard net rows labels epochs=1" if turn < 61 else "1")
            if turn % 20 == 0 or turn == 61:
                when = f"after {turn + 1} dashboards" if turn < 61 else "after the cell shows something else"
                report(f"  {when:36} threads, widgets, comms, MB: {kernel.value(COUNTING)}")


def in_cell(kernel: Kernel, code: str) -> None:
    """Run code as a page would, which says which cell it is."""
    content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": True, "stop_on_error": True}
    message = kernel.client.session.msg("execute_request", content)
    message["metadata"]["cellId"] = "the-cell"
    kernel.client.shell_channel.send(message)
    assert kernel.finish(message["header"]["msg_id"]).status == "ok"


def chosen(names: list[str]) -> Iterator[str]:
    """The parts that were asked for, or all."""
    yield from names or ("watchers", "length", "page", "leftovers")


if __name__ == "__main__":
    for part in chosen(sys.argv[1:]):
        print_line(part)
        globals()[part]()
