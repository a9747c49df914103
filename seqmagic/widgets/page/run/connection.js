// Between the store and the kernel. Blocks are numbered, and their rows counted from `start`: when a block or rows are missing (a dropped
// message) the page asks for all of them.

const BETWEEN_QUESTIONS = 1000; // Milliseconds.

/**
 * Fill the store with what the kernel sends.
 *
 * @param {import("./store.js").Store} store
 * @param {import("@anywidget/types").AnyModel} model
 */
export function connect(store, model) {
  Object.assign(store.look, model.get("look"));
  /** @type {DataView | undefined} */
  const snapshot = model.get("snapshot");
  if (snapshot && snapshot.byteLength > 4) store.take(snapshot, true);
  let asked = 0;
  store.send = (message) => model.send(message);
  store.saveLook = () => {
    model.set("look", { ...store.look });
    model.save_changes();
  };
  model.on("msg:custom", (message, buffers) => {
    if (message.kind === "detail") store.takeDetail(buffers[0]);
    else if (message.kind === "block") {
      if (message.fresh) asked = 0;
      if (!store.take(buffers[0], message.fresh) && Date.now() - asked > BETWEEN_QUESTIONS) {
        asked = Date.now();
        model.send({ kind: "ask" });
      }
    }
    store.redraw();
  });
  // Jupyter's own pages hide the picture that stands after the view; others, such as VS Code's and Colab's, can't.
  const alone = !document.querySelector(".jp-Notebook, .jp-OutputArea");
  model.send({ kind: "hello", rows: store.tables.batches.count + store.tables.epochs.count, alone });
}
