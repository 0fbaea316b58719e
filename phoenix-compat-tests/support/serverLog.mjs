import assert from "node:assert/strict";
import { createInterface } from "node:readline";
import { Signal } from "./signal.mjs";

/** What servers print, in entries: a line with the level, and the indented ones after it. */
export class ServerLog {
  #entries = [];
  // Kestrel warns when a busy machine keeps it waiting; no test is about that.
  #expected = ["the heartbeat has been running for"];
  #signal = new Signal();

  /** Collects a process's output. */
  read(stream) {
    createInterface({ input: stream }).on("line", (line) => {
      if (/^\s/.test(line) && this.#entries.length > 0) {
        this.#entries.push(`${this.#entries.pop()}\n${line}`);
      } else {
        this.#entries.push(line);
      }
      this.#signal.raise();
    });
  }

  /** Allows warnings and errors that contain the text. */
  expect(text) {
    this.#expected.push(text);
  }

  /** Resolves with the match once a server has printed something that matches, after the first `skip` entries. */
  async match(pattern, skip = 0) {
    const find = () => this.#entries.slice(skip).map((entry) => pattern.exec(entry)).find(Boolean);
    try {
      return await this.#signal.until(find, `${pattern} in the log`);
    } catch (error) {
      throw new Error(`${error.message}\n${this}`);
    }
  }

  /** Throws if anything unexpected was logged at Warning or above, or on standard error. */
  verify() {
    const isHarmless = (entry) => /^(\S+ )?(trce|dbug|info): /.test(entry); // after a time, if there is one
    const isExpected = (entry) => this.#expected.some((text) => entry.includes(text));
    const unexpected = this.#entries.filter((entry) => !isHarmless(entry) && !isExpected(entry));
    assert.deepEqual(unexpected, [], "the server logged something unexpected");
  }

  get length() {
    return this.#entries.length;
  }

  toString() {
    return this.#entries.join("\n");
  }
}
