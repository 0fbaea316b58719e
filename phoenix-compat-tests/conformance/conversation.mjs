import { Application } from "./application.mjs";
import { send } from "./http.mjs";
import { difference } from "./json.mjs";
import { LongPollConnection } from "./longPoll.mjs";
import { shakeHands, WebSocketConnection } from "./webSocket.mjs";

/** The server did not do what the case expects. */
class Mismatch extends Error {}

/** One case with a server: does its steps and keeps a table of what was sent, expected and received. */
export class Conversation {
  /** `{ column: "sent" | "expected" | "received" | "passed over", text }`, in order. */
  rows = [];
  /** How many frames were as expected byte for byte, and how many only as JSON. */
  sameBytes = 0;
  sameJson = 0;
  #target;
  #case;
  #connection = null;
  #application = new Application();
  #captured = { guessedtoken: "conformance" };
  #started = null;
  #fences = 0;

  constructor(target, testCase) {
    this.#target = target;
    this.#case = testCase;
  }

  /** Returns why the case failed, or null. */
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
      return error instanceof TypeError || error instanceof ReferenceError ? error.stack : error.message;
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
      expectInAnyOrder: (texts) => this.#expectInAnyOrder(texts.map((text) => this.#fill(text))),
      expectBinary: (notation) => this.#expectBytes("binary", this.#target.bytes(notation)),
      expectPong: (notation) => this.#expectBytes("pong", this.#target.bytes(notation)),
      close: (code) => this.#close(code, { isLeaving: true }),
      closeByServer: (code) => this.#close(code, { isLeaving: false }),
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
      this.#connection = await LongPollConnection.open(url, {
        vsn,
        headers: this.#target.longPollHeaders,
        timeoutMs: this.#target.timeoutMs,
      });
      this.#capture(this.#connection.token);
    }
  }

  async #openWebSocket(query, { method = "GET", headers = {} }, expected) {
    const url = this.#target.url("websocket", query);
    const filled = this.#fillHeaders({ ...this.#target.webSocketHeaders, ...headers });
    this.#row("sent", `${method} ${url.pathname}${url.search}${showHeaders(headers, filled)}`);
    const answer = await shakeHands(url, { method, headers: filled, timeoutMs: this.#target.timeoutMs });
    if (answer.status === 101 && expected.status !== 101) {
      answer.socket.destroy();
    }
    const echo = "Sec-WebSocket-Protocol" in filled ? "phoenix" : null;
    const defaults = expected.status === 101 ? { "sec-websocket-protocol": echo } : {};
    this.#checkAnswer({ ...expected, headers: { ...defaults, ...expected.headers } }, answer);
    if (answer.status === 101) {
      this.#connection = new WebSocketConnection(answer);
    }
  }

  // A poll that waits while the case goes on.
  #start(request) {
    this.#started = this.#ask(request);
    this.#started.catch(() => {}); // whoever waits for the answer is told
  }

  async #ask({ method = "GET", query, headers = {}, body }) {
    const url = this.#target.url("longpoll", this.#target.fillQuery(query, this.#captured));
    const filled = this.#fillHeaders({ ...this.#target.longPollHeaders, ...headers });
    const filledBody = body === undefined ? undefined : this.#fill(body);
    this.#row("sent", `${method} ${url.pathname}${url.search}${showHeaders(headers, filled)}`);
    if (filledBody !== undefined) {
      this.#row("sent", filledBody);
    }
    return send(url, { method, headers: filled, body: filledBody, timeoutMs: this.#target.timeoutMs });
  }

  #checkAnswer({ status, headers = {}, body, json }, answer) {
    const wanted = Object.entries(headers).map(([name, value]) => [name, value && this.#fill(value)]);
    const expectedJson = json && this.#fill(json);
    this.#row("expected", [status, ...wanted.map(([name, value]) => `${name}: ${value ?? "(none)"}`), expectedJson ?? body]
      .filter((part) => part !== undefined).join("  "));
    const received = wanted.map(([name]) => `${name}: ${answer.headers[name] ?? "(none)"}`);
    this.#row("received", [answer.status, ...received, answer.body].filter((part) => part !== undefined).join("  "));
    if (answer.status !== status) {
      throw new Mismatch(`expected HTTP ${status}, received ${answer.status}`);
    }
    for (const [name, value] of wanted) {
      if ((answer.headers[name] ?? null) !== value) {
        throw new Mismatch(`expected the header ${name} ${show(value)}, received ${show(answer.headers[name])}`);
      }
    }
    if (expectedJson !== undefined) {
      this.#compare(expectedJson, answer.body);
    } else if (body !== undefined && (body === "<text>" ? answer.body === "" : answer.body !== body)) {
      throw new Mismatch(`expected the body ${show(body)}, received ${show(answer.body)}`);
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
    const received = await this.#receive();
    if (received.kind !== "text") {
      throw new Mismatch(`expected a text, received ${describe(received)}`);
    }
    this.#compare(expected, received.text);
  }

  // What concerns different topics may come in any order.
  async #expectInAnyOrder(expected) {
    const missing = new Set(expected);
    for (const text of expected) {
      this.#row("expected", text);
    }
    while (missing.size > 0) {
      const received = await this.#receive();
      const found = [...missing].find((text) =>
        received.kind === "text" && difference(text, received.text, this.#isFree) === null);
      if (found === undefined) {
        throw new Mismatch(`not expected: ${describe(received)}; still missing: ${[...missing].join(" ")}`);
      }
      this.#compare(found, received.text);
      missing.delete(found);
    }
  }

  async #expectBytes(kind, expected) {
    this.#row("expected", describe({ kind, bytes: expected }));
    const received = await this.#receive();
    if (received.kind !== kind || !received.bytes.equals(expected)) {
      throw new Mismatch(`expected ${describe({ kind, bytes: expected })}, received ${describe(received)}`);
    }
    this.sameBytes++;
  }

  // RFC 6455 §7.1.1: the server ends the connection. Some servers wait for the client to do so, for seconds: the one case
  // that is about that lets them, the others go first.
  async #close(code, { isLeaving }) {
    this.#row("expected", `close ${code}`);
    const received = await this.#receive();
    if (received.kind !== "close" || received.code !== code) {
      throw new Mismatch(`expected close ${code}, received ${describe(received)}`);
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

  // A heartbeat is answered at once, so what the server had to say before it must have come before its answer.
  async #silence() {
    const ref = `silence-${++this.#fences}`;
    const isV1 = this.#case.vsn.startsWith("1.");
    await this.#send(isV1
      ? `{"topic":"phoenix","event":"heartbeat","payload":{},"ref":"${ref}"}`
      : `[null,"${ref}","phoenix","heartbeat",{}]`);
    const reply = '{"status":"ok","response":{}}';
    await this.#expect(isV1
      ? `{"topic":"phoenix","event":"phx_reply","payload":${reply},"ref":"${ref}"}`
      : `[null,"${ref}","phoenix","phx_reply",${reply}]`);
  }

  async #receive() {
    while (true) {
      const received = await this.#connection.receive(this.#target.timeoutMs);
      if (received.kind !== "text" || !this.#application.owns(received.text)) {
        this.#row("received", describe(received));
        return received;
      }
      this.#row("passed over", received.text);
    }
  }

  #compare(expected, received) {
    const found = difference(expected, received, this.#isFree);
    if (found !== null) {
      throw new Mismatch(found);
    }
    // What the application decides is cut out: around it, the bytes can be the same.
    const [before, after] = expected.split(/"<(?:response|token|othertoken)>"/);
    const isSame = after === undefined
      ? expected === received
      : received.startsWith(before) && received.endsWith(after);
    this[isSame ? "sameBytes" : "sameJson"]++;
  }

  #isFree = (name, { string }) => {
    switch (name) {
      case "response":
        return true;
      case "token":
        return Boolean(string) && this.#capture(string);
      case "othertoken":
        return Boolean(string) && ![this.#captured.token, this.#captured.guessedtoken].includes(string);
      default:
        return false;
    }
  };

  #capture(token) {
    const middle = token.length >> 1;
    const forged = token[middle] === "A" ? "B" : "A";
    this.#captured.token = token;
    this.#captured.forgedtoken = token.slice(0, middle) + forged + token.slice(middle + 1);
    return true;
  }

  #fill(text) {
    return this.#target.fill(text, this.#captured);
  }

  #fillHeaders(headers) {
    return Object.fromEntries(Object.entries(headers).map(([name, value]) =>
      [name, value === null ? null : this.#target.fillHeader(value, this.#captured)]));
  }

  #row(column, text) {
    this.rows.push({ column, text });
  }
}

const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
const show = (value) => (value === null || value === undefined ? "(none)" : JSON.stringify(value));
const showHeaders = (headers, filled) => Object.keys(headers).map((name) => `  ${name}: ${filled[name]}`).join("");

function describe({ kind, text, bytes, code }) {
  switch (kind) {
    case "text":
      return text;
    case "binary":
      return hex(bytes);
    case "pong":
      return `pong ${hex(bytes)}`.trimEnd();
    case "close":
      return `close ${code ?? "without a code"}`;
    case "end":
      return "the end of the connection";
    default:
      return `a fault: ${text}`;
  }
}
