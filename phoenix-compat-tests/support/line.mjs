import { once } from "node:events";
import { connect, createServer } from "node:net";
import { Signal } from "./signal.mjs";

/**
 * The network between a client and its server, including a proxy. It can stop delivering, as for a closed laptop. The
 * client does not notice a restart of the server: the proxy keeps its connection and opens another to the server.
 */
export class Line {
  #connections = new Set();
  #isHeld = false;
  #listener;
  #hostname;
  #port;
  #signal = new Signal();

  static async to(server) {
    const line = new Line();
    ({ hostname: line.#hostname, port: line.#port } = new URL(server.url));
    line.#listener = createServer((client) => line.#join(client));
    line.#listener.listen(0, "127.0.0.1");
    await once(line.#listener, "listening");
    line.socketUrl = `ws://127.0.0.1:${line.#listener.address().port}/socket`;
    return line;
  }

  /** Holds back everything that the server sends from now on, until the line is released. */
  hold() {
    this.#isHeld = true;
  }

  /** Resolves once data with this text in it is held back. */
  async holds(text) {
    const isHeld = ({ arrived }) => Buffer.concat(arrived).includes(text);
    await this.#signal.until(() => [...this.#connections].some(isHeld), `${text} to be held back`);
  }

  release() {
    this.#isHeld = false;
    for (const connection of this.#connections) {
      this.#deliver(connection);
    }
  }

  /** Breaks the open connections; a client that reconnects gets a new one. */
  drop() {
    for (const { client } of this.#connections) {
      client.destroy();
    }
  }

  /** Ends it permanently. */
  cut() {
    this.#listener.close();
    this.drop();
  }

  #join(client) {
    const connection = { client, arrived: [] };
    this.#connections.add(connection);
    client.on("data", (data) => {
      connection.server ??= this.#connect(connection);
      connection.server.write(data);
    });
    client.on("error", () => {}); // "close" follows
    client.on("close", () => {
      this.#connections.delete(connection);
      connection.server?.destroy();
    });
  }

  #connect(connection) {
    const server = connect(this.#port, this.#hostname);
    server.on("data", (data) => {
      connection.arrived.push(data);
      this.#deliver(connection);
    });
    server.on("error", () => {});
    server.on("close", () => {
      connection.server = undefined;
      if (!this.#isHeld) {
        connection.client.end();
      }
    });
    return server;
  }

  #deliver({ client, arrived }) {
    if (this.#isHeld) {
      this.#signal.raise();
      return;
    }
    for (const data of arrived.splice(0)) {
      client.write(data);
    }
  }
}
