import WebSocket from "ws";
export { answer } from "./answer.mjs";
import { CollectionStore, MenuStore } from "./collectionStore.mjs";
import { impatience } from "./impatience.mjs";
import { LIMIT_MS, Signal } from "./signal.mjs";

/** A browser: one socket of one version of phoenix.js, with the stores of its page. */
export class Client {
  signal = new Signal();
  closeCodes = [];
  opened = 0;

  constructor(version, server, { impatient = false, ...options } = {}) {
    server.clients.add(this);
    this.socket = new version.Socket(server.socketUrl, {
      transport: WebSocket, // Node 20 has none of its own
      timeout: LIMIT_MS, // for replies; the 10 s of the default can pass on a busy machine
      ...(impatient && impatience(() => this.socket.isConnected())),
      ...version.options,
      ...options,
    });
    this.socket.onOpen(() => {
      this.opened++;
      this.signal.raise();
    });
    this.socket.onClose((event) => {
      this.closeCodes.push(event?.code); // up to 1.5 a long-poll that ends tells none
      this.signal.raise();
    });
    this.socket.connect();
  }

  /** Joins the four topics of the front desk, the page that has them all. */
  static async open(version, server, options) {
    const client = new Client(version, server, options);
    client.menu = client.store("menu");
    client.message = client.store("message");
    client.status = client.store("status");
    client.order = client.store("order", { from_date: "today" });
    await Promise.all(client.stores.map((store) => store.joined()));
    return client;
  }

  get stores() {
    return [this.menu, this.message, this.status, this.order];
  }

  /** Joins one more collection. */
  store(collection, options = {}) {
    return collection === "menu"
      ? new MenuStore(this.socket, collection, options)
      : new CollectionStore(this.socket, collection, options);
  }

  /** Goes away, as when the tab is closed. */
  close() {
    return new Promise((resolve) => this.socket.disconnect(resolve));
  }

  /**
   * Resolves when everything that was written before has arrived: changes come in the order of the commits, so it is
   * enough to wait for one more. Needs the message collection.
   */
  async fence(server) {
    const { id } = await server.rest.create("message", { title: "fence", subtitle: null });
    await this.message.until((store) => store.records.some((message) => message.id === id), "the fence");
  }
}
