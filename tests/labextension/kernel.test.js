import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { KernelLines } from "../../seqmagic/labextension/src/kernel.js";

class Signal {
  slots = [];
  connect(slot, self) {
    this.slots.push([slot, self]);
  }
  emit(value) {
    this.slots.forEach(([slot, self]) => slot.call(self, null, value));
  }
}

/** A kernel as JupyterLab shows it, with what it was sent. */
class Kernel {
  status = "idle";
  isDisposed = false;
  statusChanged = new Signal();
  iopubMessage = new Signal();
  comms = [];
  sent = [];
  knowsUs = true;
  createComm(target) {
    const comm = {
      target,
      isDisposed: false,
      open: () => this.knowsUs && comm.onMsg({ content: { data: { type: "words" } } }),
      close: () => (comm.isDisposed = true),
      send: (data) => {
        this.sent.push(data);
        return (comm.future = {});
      },
    };
    this.comms.push(comm);
    return comm;
  }
  be(status) {
    this.status = status;
    this.statusChanged.emit(status);
  }
  begin(code) {
    this.be("busy");
    this.iopubMessage.emit({ header: { msg_type: "execute_input" }, content: { code } });
  }
  end() {
    this.be("idle");
    this.iopubMessage.emit({
      header: { msg_type: "status" },
      parent_header: { msg_type: "execute_request" },
      content: { execution_state: "idle" },
    });
  }
  run(code) {
    this.begin(code);
    this.end();
  }
  say(data) {
    this.comms.at(-1).onMsg({ content: { data: { type: "check", final: true, lines: [], problems: [], ...data } } });
  }
  replyThatNothingListens() {
    this.comms.at(-1).future.onReply({ content: { status: "error", ename: "UnknownSubshellError" } });
  }
  refuse() {
    const comm = this.comms.at(-1);
    comm.isDisposed = true;
    comm.onClose();
  }
}

function client(text) {
  const shown = [];
  return { text: () => text, show: (answer) => shown.push(answer), shown };
}

function start() {
  const kernel = new Kernel();
  const words = [];
  return { kernel, words, lines: new KernelLines(kernel, (told) => words.push(told)) };
}

/** Timers, which run out when a test lets them. */
const timers = [];
beforeEach(() => timers.splice(0));
globalThis.setTimeout = (work, milliseconds) => timers.push({ work, milliseconds });
globalThis.clearTimeout = (number) => number && (timers[number - 1].work = () => {});

test("one question at a time, the newest first, each with its answer", () => {
  const { kernel, lines } = start();
  const [one, two, three] = ["one", "two", "three"].map(client);
  [one, two, three, two].forEach((asker) => lines.ask(asker));
  assert.deepEqual(kernel.sent, [{ type: "check", id: 1, text: "one" }]);
  kernel.say({ id: 1, final: false });
  assert.equal(kernel.sent.length, 1);
  kernel.say({ id: 1 });
  assert.deepEqual(kernel.sent.at(-1), { type: "check", id: 2, text: "two" });
  kernel.say({ id: 2 });
  assert.equal(kernel.sent.at(-1).text, "three");
  assert.deepEqual([one, two, three].map(({ shown }) => shown.length), [2, 1, 0]);
  assert.equal(kernel.comms.length, 1);
});

test("a kernel that runs a cell is not asked before it has run", () => {
  const { kernel, lines } = start();
  kernel.be("busy");
  lines.ask(client("one"));
  assert.equal(kernel.comms.length, 0);
  kernel.be("idle");
  assert.equal(kernel.sent.length, 1);
});

test("a kernel without seqmagic is asked again after a cell that may have loaded it", () => {
  const { kernel, lines } = start();
  const one = client("one");
  kernel.knowsUs = false;
  lines.ask(one);
  kernel.refuse();
  lines.ask(one);
  kernel.run("import numpy");
  assert.equal(kernel.comms.length, 1);
  kernel.knowsUs = true;
  kernel.run("%load_ext seqmagic");
  assert.equal(kernel.comms.length, 2);
  assert.equal(kernel.sent.length, 1);
  assert.deepEqual(one.shown, [null]);
});

test("a kernel that seems idle while the cell runs is asked when it has run, also where it refused only then", () => {
  const { kernel, lines } = start();
  const one = client("one");
  kernel.knowsUs = false;
  lines.ask(one);
  kernel.begin("%load_ext seqmagic");
  kernel.be("idle"); // A debugger's question was answered beside the cell.
  kernel.be("busy");
  kernel.refuse(); // The answer to a comm from before the cell.
  kernel.knowsUs = true;
  kernel.end();
  assert.equal(kernel.sent.length, 1);
  assert.equal(kernel.comms.length, 2);
});

test("a cell with one of seqmagic's magics may have loaded it too", () => {
  const { kernel, lines } = start();
  kernel.knowsUs = false;
  lines.ask(client("one"));
  for (const [count, code] of ["from course import *\n%%sequential digits", "x = 1\n%fit digits x y", "import SEQMAGIC"].entries()) {
    kernel.refuse();
    kernel.run("print('fit')");
    assert.equal(kernel.comms.length, 1 + count);
    kernel.run(code);
    assert.equal(kernel.comms.length, 2 + count);
  }
});

test("what a cell has made may change what others mean", () => {
  const { kernel, lines } = start();
  const one = client("dense {width}");
  lines.ask(one);
  kernel.say({ id: 1 });
  kernel.be("busy");
  kernel.be("idle"); // Nothing ran: a question makes a kernel busy too, and must not lead to the next.
  assert.equal(kernel.sent.length, 1);
  kernel.run("width = 3");
  assert.equal(kernel.sent.length, 2);
});

test("a restart takes away what is shown, and begins anew", () => {
  const { kernel, lines } = start();
  const one = client("one");
  lines.ask(one);
  kernel.be("restarting");
  assert.deepEqual(one.shown, [null]);
  kernel.be("idle");
  lines.ask(one);
  assert.equal(kernel.comms.length, 2);
});

test("no answer: the next is asked after ten seconds; a late one is still shown, one to an older question is not", () => {
  const { kernel, lines } = start();
  const [one, two] = ["one", "two"].map(client);
  lines.ask(one);
  lines.ask(two);
  assert.deepEqual([kernel.sent.length, timers.at(-1).milliseconds], [1, 10_000]);
  timers.at(-1).work();
  assert.deepEqual(kernel.sent.at(-1), { type: "check", id: 2, text: "two" });
  kernel.say({ id: 1 });
  assert.equal(one.shown.length, 1);
  kernel.say({ id: 2 });
  assert.deepEqual(kernel.sent.at(-1), { type: "check", id: 3, text: "one" });
  kernel.say({ id: 1 });
  assert.equal(one.shown.length, 1);
});

test("an answer that is lost is asked for again and again, ever more seldom, until it comes", () => {
  const { kernel, lines } = start();
  const one = client("one");
  lines.ask(one);
  const waited = [];
  for (let times = 0; times < 6; times += 1) {
    waited.push(timers.at(-1).milliseconds / 1000);
    timers.at(-1).work();
  }
  assert.deepEqual(waited, [10, 20, 40, 80, 160, 160]);
  assert.equal(kernel.sent.length, 7);
  kernel.say({ id: 7 });
  lines.ask(one);
  assert.equal(timers.at(-1).milliseconds, 10_000);
  lines.forget(one);
  timers.at(-1).work();
  assert.equal(kernel.sent.length, 8);
});

test("a question that reaches nobody is asked at once on another comm", () => {
  const { kernel, lines } = start();
  const one = client("one");
  lines.ask(one);
  kernel.say({ id: 1 });
  lines.ask(one);
  kernel.replyThatNothingListens();
  assert.deepEqual([kernel.comms.length, kernel.comms[0].isDisposed, kernel.sent.length], [2, true, 3]);
  kernel.say({ id: 3 });
  kernel.replyThatNothingListens(); // It has its answer.
  assert.deepEqual([kernel.comms.length, one.shown.length], [2, 2]);
});

test("after two questions without an answer another comm is opened, and waited for as long", () => {
  const { kernel, lines } = start();
  const one = client("one");
  lines.ask(one);
  timers.at(-1).work();
  assert.equal(kernel.comms.length, 1);
  timers.at(-1).work();
  assert.deepEqual([kernel.comms.length, kernel.comms[0].isDisposed, timers.at(-1).milliseconds], [2, true, 40_000]);
  kernel.say({ id: 3 });
  lines.ask(one);
  timers.at(-1).work();
  assert.equal(kernel.comms.length, 2);
});

test("nothing is asked before the comm is open, and one that is not opened gives way to another", () => {
  const { kernel, lines } = start();
  kernel.knowsUs = false; // What opens the comm waits behind a cell.
  lines.ask(client("one"));
  lines.ask(client("two"));
  assert.deepEqual([kernel.comms.length, kernel.sent.length], [1, 0]);
  kernel.begin("import keras");
  timers.at(-1).work();
  assert.equal(kernel.comms.length, 1);
  kernel.end();
  assert.equal(kernel.comms.length, 1);
  kernel.knowsUs = true;
  timers.at(-1).work();
  assert.deepEqual([kernel.comms.length, kernel.comms[0].isDisposed], [2, true]);
  assert.deepEqual(kernel.sent, [{ type: "check", id: 1, text: "two" }]);
});

test("who is gone, or has nothing to ask, is passed over", () => {
  const { kernel, lines } = start();
  const [one, two, gone] = ["one", null, "gone"].map(client);
  kernel.be("busy");
  [one, two, gone].forEach((asker) => lines.ask(asker));
  lines.forget(gone);
  kernel.be("idle");
  assert.deepEqual(kernel.sent.map(({ text }) => text), ["one"]);
});

test("words are handed on, and unknown messages passed over", () => {
  const { kernel, words, lines } = start();
  lines.ask(client("one"));
  kernel.say({ type: "words", kinds: {} });
  kernel.say({ type: "weather" });
  assert.equal(words.length, 2);
});
