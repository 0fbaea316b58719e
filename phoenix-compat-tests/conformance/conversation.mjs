import { Application } from "./application.mjs";
import { Comparison } from "./comparison.mjs";
import { send } from "./http.mjs";
import { LongPollConnection } from "./longPoll.mjs";
import { describe, hex } from "./show.mjs";
import { shakeHands, WebSocketConnection } from "./webSocket.mjs";

/** The server did not do what the case expects. */
class Mismatch extends Error {}

/** One run of a case: performs its steps, and keeps a table of the sent, expected and received frames. */
export class Conversation {
  /** `{ column: "sent" | "expected" | "received" | "skipped", text }`, in order. */
  rows = [];
  comparison = new Comparison();
  #target;
  #case;
  #connection = null;
  #application = new Application();
  #started = null;
  #silences = 0;

  constructor(target, testCase) {
    this.#target = target;
    this.#case = testCase;
  }

  /** Returns the reason why the case failed, or null. */
  async run() {
    try {
      await this.#open();
      for (const step of this.#case.steps) {
        await this.#do(step);
      }
      if (this.#connection !== null) {
        await this.#silence();
      }
      return null;
    } catch (error) {
      // A bug in the runner is not a finding about the server, so its stack is reported. Refused connections may lack a
      // message.
      return error instanceof TypeError || error instanceof ReferenceError ? error.stack : error.message || error.code;
    } finally {
      this.#connection?.leave();
    }
  }

  #do(step) {
    const [kind] = Object.keys(step);
    const does = {
      send: (text) => this.#send(this.#fill(text)),
      sendBinary: (notation) => this.#sendBinary(this.#target.bytes(notation)),
      sendFrame: (frame) => this.#sendFrame(frame),
      expect: (text) => this.#expect(this.#fill(text)),
      expectInAnyOrder: (frames) => this.#expectInAnyOrder(frames),
      expectBinary: (notation) => this.#expectBytes("binary", this.#target.bytes(notation)),
      expectPong: (notation) => this.#expectBytes("pong", this.#target.bytes(notation)),
      close: (codes) => this.#close([codes].flat(), { isLeaving: true }),
      closeByServer: (code) => this.#close([code], { isLeaving: false }),
      silence: () => this.#silence(),
      request: async (request) => this.#checkAnswer(step.answer, await this.#ask(request)),
      start: (request) => this.#start(request),
      answer: async (answer) => this.#checkAnswer(answer, await this.#started),
    };
    return does[kind](step[kind]);
  }

  async #open() {
    const { transport, vsn, handshake = {} } = this.#case;
    const query = this.#target.fillQuery(handshake.query ?? `vsn=${vsn}`);
    if (transport === "websocket") {
      await this.#openWebSocket(query, handshake, this.#case.answer ?? { status: 101 });
    } else if (transport === "long-poll") {
      const url = this.#target.url("longpoll", query);
      this.#row("sent", `GET ${url.pathname}${url.search}`);
      const { longPollHeaders: headers, timeoutMs } = this.#target;
      this.#connection = await LongPollConnection.open(url, { vsn, headers, timeoutMs });
      this.comparison.captureToken(this.#connection.token);
    }
  }

  async #openWebSocket(query, { method = "GET", headers = {} }, expected) {
    const url = this.#target.url("websocket", query);
    const filled = this.#fillHeaders({ ...this.#target.webSocketHeaders, ...headers });
    this.#row("sent", `${method} ${url.pathname}${url.search}${this.#showHeaders(headers, filled)}`);
    const answer = await shakeHands(url, { method, headers: filled, timeoutMs: this.#target.timeoutMs });
    const echo = "Sec-WebSocket-Protocol" in filled ? "phoenix" : null;
    const always = expected.status === 101 ? { "sec-websocket-protocol": echo } : {};
    try {
      this.#checkAnswer({ ...expected, headers: { ...always, ...expected.headers } }, answer);
      this.#connection = answer.status === 101 ? new WebSocketConnection(answer) : null;
    } catch (error) {
      answer.socket?.destroy(); // nothing else would
      throw error;
    }
  }

  // A poll that stays open while the case continues.
  #start(request) {
    this.#started = this.#ask(request);
    this.#started.catch(() => {}); // the step that awaits the answer reports it
  }

  async #ask({ method = "GET", query, headers = {}, body }) {
    const url = this.#target.url("longpoll", this.#target.fillQuery(query, this.comparison.captured));
    const filled = this.#fillHeaders({ ...this.#target.longPollHeaders, ...headers });
    const filledBody = body && this.#fill(body);
    this.#row("sent", `${method} ${url.pathname}${url.search}${this.#showHeaders(headers, filled)}`);
    if (filledBody !== undefined) {
      this.#row("sent", filledBody);
    }
    return send(url, { method, headers: filled, body: filledBody, timeoutMs: this.#target.timeoutMs });
  }

  #checkAnswer({ status, headers = {}, body, json, message }, answer) {
    const expectedHeaders = Object.entries(headers);
    this.#rowOfAnswer("expected", status, expectedHeaders, json ?? body);
    const receivedHeaders = expectedHeaders.map(([name]) => [name, answer.headers[name]]);
    this.#rowOfAnswer("received", answer.status, receivedHeaders, answer.body);
    if (answer.status !== status) {
      throw new Mismatch(`expected HTTP ${status}, received ${answer.status}`);
    }
    for (const [name, value] of expectedHeaders) {
      const received = answer.headers[name] ?? null;
      // A list may have further members, such as no-transform after no-store.
      if (received !== value && !received?.split(", ").includes(value)) {
        throw new Mismatch(`expected the header ${name}: ${value}, received ${answer.headers[name] ?? null}`);
      }
    }
    if (json !== undefined) {
      this.#compare(json, answer.body);
    } else if (body instanceof RegExp ? !body.test(answer.body)
      : body !== undefined && (body === "<text>" ? answer.body === "" : answer.body !== body)) {
      throw new Mismatch(`expected the body ${JSON.stringify(body)}, received ${JSON.stringify(answer.body)}`);
    }
    if (message !== undefined) {
      this.#row("expected", message);
      this.#row("received", this.comparison.message);
      this.#compare(message, this.comparison.message);
    }
  }

  async #send(text) {
    this.#row("sent", text);
    this.#application.sends(text);
    await this.#connection.sendText(text);
  }

  async #sendBinary(bytes) {
    this.#row("sent", hex(bytes));
    await this.#connection.sendBinary(bytes);
  }

  #sendFrame({ text = "", bytes = "", ...frame }) {
    const [start, end] = [this.#fill(text), this.#target.bytes(bytes)];
    const traits = Object.entries(frame).map(([name, value]) => `${name} ${value}`).join(", ");
    this.#row("sent", `frame (${traits})  ${start}  ${hex(end)}`.trimEnd());
    this.#connection.sendFrame({ ...frame, payload: Buffer.concat([Buffer.from(start), end]) });
  }

  async #expect(expected) {
    this.#row("expected", expected);
    const received = await this.#receive([expected]);
    if (received.kind !== "text") {
      throw new Mismatch(`expected a text, received ${describe(received)}`);
    }
    this.#compare(expected, received.text);
  }

  // Frames of different topics may arrive in any order. Each is a text, or `{ binary: notation }`.
  async #expectInAnyOrder(frames) {
    const missing = new Set(frames.map((frame) =>
      (typeof frame === "string" ? this.#fill(frame) : hex(this.#target.bytes(frame.binary)))));
    for (const expected of missing) {
      this.#row("expected", expected);
    }
    while (missing.size > 0) {
      const received = await this.#receive([...missing]);
      const found = [...missing].find((expected) => (received.kind === "text"
        ? this.comparison.difference(expected, received.text) === null
        : received.kind === "binary" && expected === describe(received)));
      if (found === undefined) {
        throw new Mismatch(`not expected: ${describe(received)}; still missing: ${[...missing].join(" ")}`);
      }
      this.comparison.count(found, describe(received));
      missing.delete(found);
    }
  }

  async #expectBytes(kind, bytes) {
    const expected = describe({ kind, bytes });
    this.#row("expected", expected);
    const received = await this.#receive();
    if (describe(received) !== expected || received.kind !== kind) {
      throw new Mismatch(`expected ${expected}, received ${describe(received)}`);
    }
    this.comparison.count(expected, expected);
  }

  // RFC 6455 §7.1.1: the server ends the connection. Some servers first wait for seconds for the client to do so. One
  // case checks this and waits for them; in all others the client ends the connection.
  async #close(codes, { isLeaving }) {
    const expected = `close ${codes.join(" or ")}`;
    this.#row("expected", expected);
    const received = await this.#receive();
    if (received.kind !== "close" || !codes.includes(received.code)) {
      throw new Mismatch(`expected ${expected}, received ${describe(received)}`);
    }
    if (isLeaving) {
      this.#connection.leave();
    }
    const end = await this.#receive();
    if (end.kind !== "end") {
      throw new Mismatch(`expected the end of the connection after the close frame, received ${describe(end)}`);
    }
    this.#connection = null;
  }

  // The server answers a heartbeat at once, so every earlier message must have arrived before that answer. Topics have
  // their own pace: there the case continues with a message to the topic, whose answer must be the next to arrive.
  async #silence() {
    const ref = `silence-${++this.#silences}`;
    const isV1 = this.#case.vsn.startsWith("1.");
    await this.#send(isV1
      ? `{"topic":"phoenix","event":"heartbeat","payload":{},"ref":"${ref}"}`
      : `[null,"${ref}","phoenix","heartbeat",{}]`);
    const payload = '{"status":"ok","response":{}}';
    await this.#expect(isV1
      ? `{"topic":"phoenix","event":"phx_reply","payload":${payload},"ref":"${ref}"}`
      : `[null,"${ref}","phoenix","phx_reply",${payload}]`);
  }

  async #receive(expected = []) {
    while (true) {
      const received = await this.#connection.receive(this.#target.timeoutMs);
      if (received.kind !== "text" || !this.#application.maySkip(received.text, expected)) {
        this.#row("received", describe(received));
        return received;
      }
      this.#row("skipped", received.text);
    }
  }

  #compare(expected, received) {
    const found = this.comparison.difference(expected, received);
    if (found !== null) {
      throw new Mismatch(found);
    }
    this.comparison.count(expected, received);
  }

  #fill(text) {
    return this.#target.fill(text, this.comparison.captured);
  }

  #fillHeaders(headers) {
    return Object.fromEntries(Object.entries(headers).map(([name, value]) =>
      [name, value === null ? null : this.#target.fillHeader(value, this.comparison.captured)]));
  }

  // Reports are passed around, so the auth token must not be in them.
  #showHeaders(headers, filled) {
    return Object.entries(headers).map(([name, value]) =>
      `  ${name}: ${value?.includes("<bearer") ? value : (filled[name] ?? "(left out)")}`).join("");
  }

  #rowOfAnswer(column, status, headers, body = "") {
    const lines = headers.map(([name, value]) => `${name}: ${value ?? "(none)"}`);
    this.#row(column, [status, ...lines, body].join("  ").trimEnd());
  }

  #row(column, text) {
    this.rows.push({ column, text });
  }
}
