/** Makes built/ from src/ and schema/, with JupyterLab's own builder: node build.js [FOLDER], where FOLDER has a package.json of this form. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const folder = resolve(process.argv[2] ?? dirname(fileURLToPath(import.meta.url)));
const builder = createRequire(import.meta.url).resolve("@jupyterlab/builder/lib/build-labextension.js");
// The builder takes all versions that JupyterLab has at the moment for those that are needed. What we need stands in package.json, and is true of
// every JupyterLab 4; so that what is built depends on nothing else, JupyterLab's list is empty.
const core = mkdtempSync(join(tmpdir(), "seqmagic-core-"));
try {
  writeFileSync(join(core, "package.json"), JSON.stringify({ dependencies: {}, jupyterlab: { singletonPackages: [] } }));
  execFileSync(process.execPath, [builder, "--core-path", core, folder], { cwd: folder, stdio: "inherit" });
} finally {
  rmSync(core, { recursive: true });
}
