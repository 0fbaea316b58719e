import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { compileFunction } from "node:vm";
import { XMLHttpRequest } from "./xmlHttpRequest.mjs";

const { resolve } = createRequire(import.meta.url);

// A page's timers end with the page. Some versions leave timers running: 1.2 to 1.5 the heartbeat, 1.8.1 the time limit
// of every poll. In Node these would keep the process alive, forever or until the limit.
const timers = {
  setTimeout: (...parameters) => setTimeout(...parameters).unref(),
  setInterval: (...parameters) => setInterval(...parameters).unref(),
};

/** Loads the unmodified package of a version of phoenix.js. Versions since 1.8 run in Node as they are. */
export function load(packageName, globals = {}) {
  const file = resolve(packageName);
  const module = { exports: {} };
  const scope = { module, exports: module.exports, ...timers, ...globals };
  const script = compileFunction(readFileSync(file, "utf8"), Object.keys(scope), { filename: file });
  script.apply(module.exports, Object.values(scope));
  return module.exports;
}

/** Loads a version for browsers only, and supplies the browser features that it uses. */
export function loadInBrowser(packageName) {
  const window = { XMLHttpRequest };
  // 1.2.1 reads window.status, then the text of the status bar, where it means the status of the answer.
  return load(packageName, { window, self: window, XMLHttpRequest, status: "" });
}
