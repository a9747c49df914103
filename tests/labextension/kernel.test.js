import assert from "node:assert/strict";
import { test } from "node:test";

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
  createComm(target) {
    const comm = {
      target,
      isDisposed: false,
      open: () => {},
      close: () => (comm.isDisposed = true),
      send: (data) => this.sent.push(data),
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
  lines.ask(one);
  kernel.refuse();
  lines.ask(one);
  kernel.run("import numpy");
  assert.equal(kernel.sent.length, 1);
  kernel.run("%load_ext seqmagic");
  assert.equal(kernel.sent.length, 2);
  assert.deepEqual(one.shown, [null]);
});

test("a kernel that seems idle while the cell runs is asked when it has run, also where it refused only then", () => {
  const { kernel, lines } = start();
  const one = client("one");
  lines.ask(one);
  kernel.begin("%load_ext seqmagic");
  kernel.be("idle"); // A debugger's question was answered beside the cell.
  kernel.be("busy");
  kernel.refuse(); // The answer to a question from before the cell.
  kernel.end();
  assert.equal(kernel.sent.length, 2);
  assert.equal(kernel.comms.length, 2);
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

test("no answer: the next is asked after ten seconds; a late one is still shown, one to an older question is not", (context) => {
  const timers = [];
  const { setTimeout } = globalThis;
  context.after(() => Object.assign(globalThis, { setTimeout }));
  globalThis.setTimeout = (work, milliseconds) => timers.push([work, milliseconds]);
  const { kernel, lines } = start();
  const [one, two] = ["one", "two"].map(client);
  lines.ask(one);
  lines.ask(two);
  const [[giveUp, milliseconds]] = timers;
  assert.deepEqual([kernel.sent.length, milliseconds], [1, 10_000]);
  giveUp();
  assert.equal(kernel.sent.length, 2);
  kernel.say({ id: 1 });
  assert.equal(one.shown.length, 1);
  kernel.say({ id: 2 });
  lines.ask(one);
  kernel.say({ id: 1 });
  assert.equal(one.shown.length, 1);
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
  assert.equal(words.length, 1);
});
