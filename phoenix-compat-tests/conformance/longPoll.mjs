import { difference } from "./json.mjs";
import { send } from "./http.mjs";

/**
 * A long-poll session (docs/protocol.md, 'Long-poll') with the token in the query, as in phoenix.js up to 1.8.
 */
export class LongPollConnection {
  #url;
  #headers;
  #timeoutMs;
  #isV1;
  #messages = [];

  /** Opens a session; throws if the answer is not the opening answer. */
  static async open(url, { vsn, headers, timeoutMs }) {
    const connection = new LongPollConnection();
    connection.#url = url;
    connection.#headers = headers;
    connection.#timeoutMs = timeoutMs;
    connection.#isV1 = vsn.startsWith("1.");
    connection.#check('{"status":410,"token":"<newtoken>","messages":[]}', await connection.#send({ method: "GET" }));
    return connection;
  }

  // V1 has no line format: its objects are posted one by one, as in phoenix.js up to 1.6.
  async sendText(text) {
    await this.#publish(text, this.#isV1 ? "application/json" : "application/x-ndjson");
  }

  /** A binary frame is one line of base64; it does not begin with "[". */
  async sendBinary(bytes) {
    await this.#publish(bytes.toString("base64"), "application/x-ndjson");
  }

  /** The next message; polls until there is one. */
  async receive(timeoutMs) {
    const startedAt = Date.now();
    while (this.#messages.length === 0) {
      if (Date.now() - startedAt > timeoutMs) {
        throw new Error(`no message came within ${timeoutMs} ms`);
      }
      await this.#poll();
    }
    return { kind: "text", text: this.#messages.shift() };
  }

  /** The client just stops polling: long-poll has no close message. */
  leave() {}

  async #poll() {
    const body = await this.#send({ method: "GET" });
    const isEmpty = /"status"\s*:\s*204/.test(body);
    this.#check(isEmpty
      ? '{"status":204,"token":"<newtoken>","messages":[]}'
      : '{"status":200,"token":"<newtoken>","messages":"<messages>"}', body);
    this.#messages.push(...JSON.parse(body).messages);
  }

  async #publish(body, type) {
    this.#check('{"status":200}', await this.#send({ method: "POST", body, type }));
  }

  async #send({ method, body, type }) {
    const url = new URL(this.#url);
    if (this.token !== undefined) {
      url.search += `&token=${encodeURIComponent(this.token)}`;
    }
    const headers = { Accept: "application/json", ...this.#headers, ...(type && { "Content-Type": type }) };
    const answer = await send(url, { method, headers, body, timeoutMs: this.#timeoutMs });
    if (answer.status !== 200) {
      throw new Error(`${method} was answered with HTTP ${answer.status}, expected 200 for every outcome`);
    }
    return answer.body;
  }

  #check(expected, body) {
    const found = difference(expected, body, this.#isFree);
    if (found !== null) {
      throw new Error(`${found}; expected ${expected}, received ${body}`);
    }
  }

  // phoenix.js continues with the latest token. Phoenix always returns the same one; other servers need not.
  #isFree = (name, { string, items }) => {
    if (name === "newtoken" && string) {
      this.token = string;
      return true;
    }
    return name === "messages" && items?.length > 0 && items.every((item) => item.kind === "string");
  };
}
