import { BINARY, CLOSE, CONTINUATION, encodeFrame, FrameParser, PING, PONG, TEXT } from "./frames.mjs";
import { send } from "./http.mjs";
import { Inbox } from "./inbox.mjs";

// RFC 6455 §1.3: the sample key and its answer.
const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/** Requests an upgrade. Given headers replace the usual ones; null omits one. */
export async function shakeHands(url, { method, headers = {}, timeoutMs }) {
  const all = {
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": KEY,
    ...headers,
  };
  const present = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
  return send(url, { method, headers: present, timeoutMs });
}

/** A WebSocket without a library: it sends the given bytes unchanged, and keeps received messages as they arrived. */
export class WebSocketConnection {
  #socket;
  #parser = new FrameParser();
  #inbox = new Inbox();
  #fragments = [];
  #hasSentClose = false;

  /** @param answer The 101 answer to the handshake. */
  constructor({ headers, socket, head }) {
    if (headers["sec-websocket-accept"] !== ACCEPT) {
      throw new Error(`Sec-WebSocket-Accept is ${headers["sec-websocket-accept"]}, not ${ACCEPT} (RFC 6455 §4.2.2)`);
    }
    this.#socket = socket;
    socket.on("data", (chunk) => this.#read(chunk));
    socket.on("error", () => {}); // "close" follows
    socket.on("close", () => this.#inbox.put({ kind: "end" }));
    this.#read(head);
  }

  sendText(text) {
    this.sendFrame({ opcode: TEXT, payload: Buffer.from(text) });
  }

  sendBinary(payload) {
    this.sendFrame({ opcode: BINARY, payload });
  }

  /** Sends any frame, valid or invalid. */
  sendFrame(frame) {
    this.#hasSentClose ||= frame.opcode === CLOSE;
    this.#socket.write(encodeFrame(frame));
  }

  /** The next item: `{ kind: "text" | "binary" | "pong" | "close" | "end" | "fault", … }`. */
  receive(timeoutMs) {
    return this.#inbox.take(timeoutMs);
  }

  /** Sends a close frame, without waiting for the answer. */
  leave() {
    if (!this.#hasSentClose && !this.#socket.destroyed) {
      this.sendFrame({ opcode: CLOSE, payload: Buffer.from([0x03, 0xe8]) });
    }
    this.#socket.end();
    this.#socket.unref();
  }

  #read(chunk) {
    try {
      for (const frame of this.#parser.push(chunk)) {
        this.#take(frame);
      }
    } catch (error) {
      this.#inbox.put({ kind: "fault", text: error.message });
      this.#socket.destroy();
    }
  }

  #take({ opcode, isFinal, reserved, payload }) {
    if (reserved !== 0) {
      throw new Error("a reserved bit is set, though no extension was agreed on (RFC 6455 §5.2)");
    }
    switch (opcode) {
      case PING:
        this.sendFrame({ opcode: PONG, payload });
        break;
      case PONG:
        this.#inbox.put({ kind: "pong", bytes: payload });
        break;
      case CLOSE:
        this.#takeClose(payload);
        break;
      default:
        this.#takePart(opcode, isFinal, payload);
    }
  }

  #takeClose(payload) {
    if (!this.#hasSentClose) {
      this.sendFrame({ opcode: CLOSE, payload: payload.subarray(0, 2) });
    }
    this.#inbox.put({ kind: "close", code: payload.length >= 2 ? payload.readUInt16BE() : null });
  }

  #takePart(opcode, isFinal, payload) {
    if (opcode > BINARY || (opcode === CONTINUATION) !== this.#fragments.length > 0) {
      throw new Error(`a frame of opcode ${opcode} that is not allowed here (RFC 6455 §5.4)`);
    }
    this.#fragments.push({ opcode, payload });
    if (isFinal) {
      const bytes = Buffer.concat(this.#fragments.map((fragment) => fragment.payload));
      const isText = this.#fragments[0].opcode === TEXT;
      this.#fragments = [];
      this.#inbox.put(isText ? { kind: "text", text: decode(bytes) } : { kind: "binary", bytes });
    }
  }
}

function decode(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Error("a text message is not UTF-8 (RFC 6455 §5.6)");
  }
}
