import { createHash } from "node:crypto";
import { resolve } from "node:path";
import type { Plugin } from "vite";

const fileName = "service-worker.js";
const versionLength = 12;

/**
 * Builds the service worker beside the page and tells it the files of this build. Thirty lines of our own, since all that it has to do is
 * keep a list of files: a framework for it would be larger than the worker, and would have to be kept up with this build tool.
 */
export const shellWorker = (): Plugin => ({
  name: "tagwire-shell-worker",
  apply: "build",
  buildStart() {
    this.emitFile({ type: "chunk", id: resolve(import.meta.dirname, "service-worker.ts"), fileName });
  },
  generateBundle(_options, bundle) {
    const worker = bundle[fileName];
    if (worker?.type !== "chunk") throw new Error("the build has no service worker");
    const files = Object.keys(bundle)
      // What reads codes is large, and few tablets have use for it: it is kept from when it was used first.
      .filter((name) => name.startsWith("assets/") && !name.endsWith(".wasm"))
      .map((name) => `/${name}`)
      .sort();
    const list = JSON.stringify(files);
    const page = bundle["index.html"];
    const version = createHash("sha256")
      .update(list)
      .update(page?.type === "asset" ? page.source : "")
      .digest("hex");
    worker.code = worker.code
      .replace(/(["'`])__SHELL_FILES__\1/, () => JSON.stringify(list))
      .replace("__SHELL_VERSION__", version.slice(0, versionLength));
  },
});
