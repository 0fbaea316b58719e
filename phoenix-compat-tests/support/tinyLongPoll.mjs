import { randomUUID } from "node:crypto";
import { text } from "node:stream/consumers";
import { queryOf } from "./tinyPhoenix.mjs";

// Phoenix waits 10 s; no case depends on the length.
const WINDOW_MS = 100;

/** The long-poll transport of the tiny server. */
export class TinyLongPoll {
  #server;
  #sessions = new Map();

  constructor(server) {
    this.#server = server;
  }

  async answer(request, response) {
    const answer = await this.#decide(request);
    const { status = 200, headers, body } = this.#server.faults.longPoll(answer, request);
    response.writeHead(status, headers);
    response.end(body);
  }

  async #decide(request) {
    switch (request.method) {
      case "GET":
        return json(await this.#get(request));
      case "POST":
        return json(await this.#post(request));
      case "OPTIONS":
        return {
          headers: {
            "access-control-allow-origin": "*",
            "access-control-allow-headers": request.headers["access-control-request-headers"],
            "access-control-allow-methods": "get, post, options",
            "access-control-max-age": "3600",
          },
          body: "",
        };
      default:
        return { status: 400, headers: {}, body: "" };
    }
  }

  async #get(request) {
    const token = tokenOf(request);
    const session = this.#sessions.get(token);
    if (session !== undefined) {
      const messages = await session.take();
      return { status: messages.length > 0 ? 200 : 204, token, messages };
    }
    const query = queryOf(request);
    return this.#server.faults.accepts(query) ? this.#open(query.vsn ?? "1.0.0") : { status: 403 };
  }

  #open(vsn) {
    const token = randomUUID();
    const session = new Session();
    session.receive = this.#server.socket(vsn, (message) => session.put(message));
    this.#sessions.set(token, session);
    return { status: 410, token, messages: [] };
  }

  async #post(request) {
    const body = await text(request);
    const session = this.#sessions.get(tokenOf(request));
    if (session === undefined) {
      return { status: 410 };
    }
    const isLines = request.headers["content-type"] === "application/x-ndjson";
    for (const line of isLines ? body.split(/\r?\n/).slice(0, 100) : [body]) {
      const isBinary = isLines && !line.startsWith("[");
      session.receive(isBinary ? Buffer.from(line, "base64") : line, isBinary);
    }
    return { status: 200 };
  }
}

class Session {
  #messages = [];
  #wake = () => {};

  put(message) {
    this.#messages.push(message);
    this.#wake();
  }

  /** Takes all queued messages; waits for a while when there are none. */
  async take() {
    if (this.#messages.length === 0) {
      await new Promise((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, WINDOW_MS);
      });
    }
    return this.#messages.splice(0);
  }
}

const tokenOf = (request) => request.headers["x-phoenix-longpoll-token"] ?? queryOf(request).token;

const json = (body) => ({
  headers: {
    "access-control-allow-origin": "*",
    "content-type": "application/json; charset=utf-8",
    "cache-control": "no-store",
  },
  body: JSON.stringify(body),
});
