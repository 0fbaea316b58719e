import { once } from "node:events";
import { connect, createServer } from "node:net";
import { Signal } from "./signal.mjs";

/** The network between a client and its server, which may stand still, as for a laptop that is closed. */
export class Line {
  #connections = new Set();
  #isHeld = false;
  #listener;
  #signal = new Signal();

  static async to(server) {
    const line = new Line();
    const { hostname, port } = new URL(server.url);
    line.#listener = createServer((client) => line.#join(client, connect(Number(port), hostname)));
    line.#listener.listen(0, "127.0.0.1");
    await once(line.#listener, "listening");
    line.socketUrl = `ws://127.0.0.1:${line.#listener.address().port}/socket`;
    return line;
  }

  /** What the server sends from now on, its goodbye included, arrives when the line is released. */
  hold() {
    this.#isHeld = true;
  }

  /** Resolves once something is held back. */
  async holds() {
    const isWaiting = () => [...this.#connections].some(({ arrived }) => arrived.length > 0);
    await this.#signal.until(isWaiting, "something to hold back");
  }

  release() {
    this.#isHeld = false;
    for (const connection of this.#connections) {
      this.#deliver(connection);
    }
  }

  /** Ends it for good. */
  cut() {
    this.#listener.close();
    for (const { client } of this.#connections) {
      client.destroy();
    }
  }

  #join(client, server) {
    const connection = { client, arrived: [], isOver: false };
    this.#connections.add(connection);
    client.on("data", (data) => server.write(data));
    client.on("error", () => {}); // "close" follows
    client.on("close", () => {
      this.#connections.delete(connection);
      server.destroy();
    });
    server.on("data", (data) => {
      connection.arrived.push(data);
      this.#deliver(connection);
    });
    server.on("error", () => {});
    server.on("close", () => {
      connection.isOver = true;
      this.#deliver(connection);
    });
  }

  #deliver({ client, arrived, isOver }) {
    if (this.#isHeld) {
      this.#signal.raise();
      return;
    }
    for (const data of arrived.splice(0)) {
      client.write(data);
    }
    if (isOver) {
      client.end();
    }
  }
}
