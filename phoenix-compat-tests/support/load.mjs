import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { compileFunction } from "node:vm";
import { XMLHttpRequest } from "./xmlHttpRequest.mjs";

const { resolve } = createRequire(import.meta.url);

// A page's timers end with the page. In Node a version that leaves some running (1.2 to 1.5 their heartbeat, 1.8.1 the
// time limit of every poll) would hold up the end of the process, for ever or for the limit.
const timers = {
  setTimeout: (...parameters) => setTimeout(...parameters).unref(),
  setInterval: (...parameters) => setInterval(...parameters).unref(),
};

/** A version of phoenix.js, as its package has it. Since 1.8 it runs in Node by itself. */
export function load(packageName, globals = {}) {
  const file = resolve(packageName);
  const module = { exports: {} };
  const scope = { module, exports: module.exports, ...timers, ...globals };
  const script = compileFunction(readFileSync(file, "utf8"), Object.keys(scope), { filename: file });
  script.apply(module.exports, Object.values(scope));
  return module.exports;
}

/** A version that was made for browsers only, with what it expects of one. */
export function loadInBrowser(packageName) {
  const window = { XMLHttpRequest };
  // 1.2.1 looks at window.status (the text of the status bar, then) where it means the answer's.
  return load(packageName, { window, self: window, XMLHttpRequest, status: "" });
}
