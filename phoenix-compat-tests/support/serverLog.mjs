import assert from "node:assert/strict";
import { createInterface } from "node:readline";
import { Signal } from "./signal.mjs";

/** The output of servers, in entries: a line with the level and the indented lines after it. */
export class ServerLog {
  #entries = [];
  // Kestrel warns when a busy machine delays it; no test is about that.
  #expected = ["the heartbeat has been running for"];
  #signal = new Signal();

  /** Collects the output of a process. */
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

  /** Resolves with the first match in the log, after the first `skip` entries, once there is one. */
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
    const isHarmless = (entry) => /^(\S+ )?(trce|dbug|info): /.test(entry); // after an optional timestamp
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
