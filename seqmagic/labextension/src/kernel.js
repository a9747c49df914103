/** Asks a kernel about cells, over one comm: docs/editor.md says how. It knows no page: what it needs of a kernel, a test can play. */

import { guarded } from "./guard.js";
import { isMagic } from "./lexer.js";

/** @typedef {{ line: number, shape: string, params?: number }} Line */
/** @typedef {{ title: string, line?: number, text?: string }} Fix */
/** @typedef {{ line: number, start: number, end: number, severity: string, message: string, fixes?: Fix[] }} Problem */
/** @typedef {{ final: boolean, lines: Line[], problems: Problem[] }} Answer */
/** @typedef {import("@jupyterlab/services").Kernel.IKernelConnection} Connection */
/** @typedef {import("@jupyterlab/services").Kernel.IComm} Comm */

/** Who asks: one editor.
 * @typedef {object} Client
 * @property {() => string | null} text what to ask about, as it is now; null where there is nothing
 * @property {(answer: Answer | null) => void} show shows an answer; null takes away what is shown */

export const TARGET = "seqmagic.lines";
const PATIENCE = 10_000; // Milliseconds after which an answer is given up, and asked for again; each time twice as many,
const MOST_PATIENCE = 160_000; // ... up to these, so that a kernel that is slow has the time that it needs.

/** The questions of all editors to one kernel: one at a time, and only while the kernel has nothing else to do. */
export class KernelLines {
  /**
   * @param {Connection} kernel
   * @param {(words: any) => void} onWords what to do with the kernel's words
   */
  constructor(kernel, onWords) {
    this.kernel = kernel;
    this.onWords = onWords;
    /** @type {Comm | null} */
    this.comm = null;
    this.isOpen = false; // Whether the kernel has answered on it.
    this.refused = false; // Whether the kernel knows nothing of us, as far as we know.
    this.hopeful = false; // Whether a cell that may have changed that is running.
    this.ran = false; // Whether any cell has run since the last check.
    /** Who waits for being asked. @type {Set<Client>} */
    this.waiting = new Set();
    /** All who have asked, with the number of their last question. @type {Map<Client, number>} */
    this.clients = new Map();
    this.last = 0;
    this.underWay = 0;
    this.patience = PATIENCE;
    this.unanswered = 0; // How many questions in a row, on this comm.
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    kernel.statusChanged.connect(this.onStatus, this);
    kernel.iopubMessage.connect(this.onMessage, this);
  }

  /** Ask about a client's text, as soon as it can be. @param {Client} client */
  ask(client) {
    this.clients.set(client, this.clients.get(client) ?? 0);
    this.waiting.delete(client);
    this.waiting.add(client); // Last in, first asked.
    this.pump();
  }

  /** A client that is gone. @param {Client} client */
  forget(client) {
    this.clients.delete(client);
    this.waiting.delete(client);
  }

  /** Close what is open, and take away what is shown. */
  close() {
    this.leave();
    this.settle();
    this.waiting.clear();
    for (const client of this.clients.keys()) {
      client.show(null);
    }
  }

  /** Close the comm. */
  leave() {
    const { comm } = this;
    this.comm = null;
    this.isOpen = false;
    if (comm && !comm.isDisposed && !this.kernel.isDisposed && this.kernel.status !== "dead") {
      comm.onClose = () => {};
      comm.close();
    }
  }

  /** Send the next question, where one may be sent. */
  pump() {
    if (this.underWay || this.refused || this.waiting.size === 0 || this.kernel.status !== "idle") {
      return;
    }
    if (!this.isOpen || this.comm?.isDisposed) {
      this.open();
      return;
    }
    const client = [...this.waiting].at(-1);
    if (client === undefined) {
      return;
    }
    this.waiting.delete(client);
    const text = client.text();
    if (text === null) {
      this.pump();
      return;
    }
    this.last += 1;
    this.underWay = this.last;
    this.clients.set(client, this.last);
    this.wait(() => this.giveUp(client));
    guarded("question", () => this.send(client, text));
  }

  /** @param {Client} client @param {string} text */
  send(client, text) {
    const id = this.last;
    const future = this.comm?.send({ type: "check", id, text });
    if (!future) {
      return;
    }
    // JupyterLab may give a comm the subshell of the one before it, and then end that: so where the first is refused, and the second opened, before
    // the subshell has started. Nothing that is sent there arrives.
    future.onReply = ({ content }) => {
      if (id === this.underWay && /** @type {any} */ (content)?.status === "error") {
        this.settle();
        this.leave();
        this.giveUp(client);
        this.pump();
      }
    };
  }

  /** Wait for an answer. @param {() => void} giveUp what to do without one */
  wait(giveUp) {
    this.timer = setTimeout(() => {
      this.settle();
      this.patience = Math.min(2 * this.patience, MOST_PATIENCE);
      giveUp();
      this.pump();
    }, this.patience);
  }

  /**
   * Open a comm. The kernel answers with its words, and is asked nothing before: JupyterLab may send a question through another of the kernel's
   * shells, where it would overtake what opens the comm, which waits behind a running cell, and be lost.
   */
  open() {
    if (this.timer !== undefined) {
      return; // It is being opened.
    }
    this.wait(() => {
      if (this.kernel.status === "idle") {
        this.leave();
      }
    });
    if (this.comm === null || this.comm.isDisposed) {
      this.isOpen = false;
      guarded("opening", () => this.create());
    }
  }

  create() {
    const comm = this.kernel.createComm(TARGET);
    this.comm = comm;
    this.unanswered = 0;
    comm.onMsg = ({ content }) => {
      if (this.comm === comm) {
        guarded("answer", () => this.onData(content.data));
      }
    };
    comm.onClose = () => {
      if (this.comm === comm) {
        this.refused = true;
        this.close();
      }
    };
    comm.open({});
  }

  /**
   * No answer came: others are asked about first, and then this client once more, unless it has asked anew; on another comm, where this one has
   * lost two.
   * @param {Client} client
   */
  giveUp(client) {
    this.unanswered += 1;
    if (this.unanswered > 1) {
      this.leave();
    }
    if (this.clients.has(client)) {
      this.waiting = new Set([client, ...this.waiting]);
    }
  }

  /** The question under way has its answer, or gets none. */
  settle() {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.underWay = 0;
  }

  /** @param {any} data */
  onData(data) {
    if (data.type === "words") {
      if (!this.isOpen) {
        this.isOpen = true;
        this.settle();
      }
      this.onWords(data);
      this.pump();
    } else if (data.type === "check") {
      const client = [...this.clients].find(([, id]) => id === data.id)?.[0];
      if (client) {
        client.show(data);
      }
      if (data.id === this.underWay && data.final !== false) {
        this.patience = PATIENCE;
        this.unanswered = 0;
        this.settle();
        this.pump();
      }
    }
  }

  /** @param {Connection} _ @param {string} status */
  onStatus(_, status) {
    if (status === "restarting" || status === "autorestarting" || status === "dead") {
      this.close();
      this.refused = status === "dead";
      this.hopeful = false;
    } else if (status === "idle") {
      this.pump();
    }
  }

  /** A cell has run to its end. */
  onRan() {
    if (this.hopeful) {
      this.refused = false;
    }
    if (this.ran) {
      // What a cell has made may change what others mean: a variable, a function, a whole package.
      for (const client of this.clients.keys()) {
        this.waiting.add(client);
      }
    }
    this.hopeful = this.ran = false;
    this.pump();
  }

  /** @param {Connection} _ @param {any} message */
  onMessage(_, message) {
    if (message.header.msg_type === "execute_input") {
      this.ran = true;
      this.hopeful ||= mayHaveLoadedUs(message.content.code);
    } else if (
      // Not the status of the whole kernel: that is idle as well where what a debugger asks has been answered beside a running cell.
      message.header.msg_type === "status" &&
      message.content.execution_state === "idle" &&
      message.parent_header?.msg_type === "execute_request"
    ) {
      this.onRan();
    }
  }
}

/** Whether a cell names us, or uses one of our magics. @param {string} code */
function mayHaveLoadedUs(code) {
  return /seqmagic/i.test(code) || code.split("\n").some(isMagic);
}
