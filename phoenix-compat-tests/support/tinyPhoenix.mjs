import { once } from "node:events";
import http from "node:http";
import https from "node:https";
import { WebSocketServer } from "ws";
import { TinyLongPoll } from "./tinyLongPoll.mjs";
import { decode, encode, isVersion, reply, TinySocket } from "./tinySocket.mjs";

/**
 * A small, correct Phoenix channel server into which a single fault can be planted: `faults` are functions that change
 * what it would have done. It serves the topics "room:…", which echo the event "echo" and crash on "crash".
 *
 *   frames(frames, message)     the frames that answer a message, each { joinRef, ref, topic, event, payload }
 *   close(webSocket)            closes the connection after an invalid message
 *   encode(frame, vsn, encode)  the encoded frame, text or bytes
 *   accepts(query)              whether it accepts the client
 *   subprotocol(offered)        the subprotocol that it echoes
 *   longPoll(answer, request)   the answer to a long-poll request, { headers, body }
 */
export class TinyPhoenix {
  #server;
  #webSockets = new WebSocketServer({
    noServer: true,
    maxPayload: 65_536,
    handleProtocols: (offered) => this.faults.subprotocol([...offered]),
  });

  constructor(faults) {
    this.faults = {
      frames: (frames) => frames,
      close: (webSocket) => webSocket.close(1011),
      encode: (frame, vsn, encode) => encode(frame, vsn),
      accepts: ({ vsn }) => isVersion(vsn),
      subprotocol: () => "phoenix",
      longPoll: (answer) => answer,
      ...faults,
    };
  }

  static async start(faults = {}, certificate) {
    const server = new TinyPhoenix(faults);
    const longPoll = new TinyLongPoll(server);
    const answer = (request, response) => (request.url.startsWith("/socket/longpoll")
      ? longPoll.answer(request, response)
      : server.#refuse(request, response));
    server.#server = certificate ? https.createServer(certificate, answer) : http.createServer(answer);
    server.#server.on("upgrade", (request, socket, head) => server.#upgrade(request, socket, head));
    server.#server.listen(0, "127.0.0.1");
    await once(server.#server, "listening");
    server.url = `${certificate ? "wss" : "ws"}://localhost:${server.#server.address().port}/socket`;
    return server;
  }

  async stop() {
    for (const client of this.#webSockets.clients) {
      client.terminate();
    }
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  /** The socket behind a connection; `send` accepts texts and bytes. */
  socket(vsn, send) {
    const { frames, encode: encodeFrame } = this.faults;
    const socket = new TinySocket();
    return (data, isBinary) => {
      const message = decode(data, isBinary, vsn);
      for (const frame of frames(socket.receive(message), message, reply)) {
        send(encodeFrame(frame, vsn, encode));
      }
    };
  }

  #refuse(request, response) {
    const isMethod = request.method === "GET";
    const isLetIn = this.faults.accepts(queryOf(request));
    response.writeHead(isMethod && !isLetIn ? 403 : 400);
    response.end(isMethod && isLetIn ? "'connection' header must contain 'upgrade'" : "");
  }

  #upgrade(request, socket, head) {
    const isMethod = request.method === "GET";
    if (!isMethod || !this.faults.accepts(queryOf(request)) || !hasToken(request)) {
      const status = isMethod ? "403 Forbidden" : "400 Bad Request";
      socket.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
      return;
    }
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      const receive = this.socket(queryOf(request).vsn ?? "1.0.0", (data) => webSocket.send(data));
      webSocket.on("error", () => {}); // ws closes by itself
      webSocket.on("message", (data, isBinary) => {
        try {
          receive(data, isBinary);
        } catch {
          this.faults.close(webSocket);
        }
      });
    });
  }
}

// The token in the subprotocol is base64, in either alphabet.
function hasToken({ headers }) {
  const [, token = ""] = /base64url\.bearer\.phx\.([^,\s]*)/.exec(headers["sec-websocket-protocol"]) ?? [];
  return /^[\w+/-]*$/.test(token);
}

/** The query of a request; a list or an object as vsn is not a version. */
export function queryOf(request) {
  const query = Object.fromEntries(new URL(request.url, "http://localhost").searchParams);
  return Object.keys(query).some((name) => name.startsWith("vsn[")) ? { ...query, vsn: "" } : query;
}
