import WebSocket from "ws";
export { answer } from "./answer.mjs";
import { CollectionStore, MenuStore } from "./collectionStore.mjs";
import { impatience } from "./impatience.mjs";
import { LIMIT_MS, Signal } from "./signal.mjs";

/** One page of the front end: one socket of one version of phoenix.js, and the stores of the page. */
export class Client {
  signal = new Signal();
  closeCodes = [];
  opened = 0;

  constructor(version, server, { impatient = false, ...options } = {}) {
    server.clients.add(this);
    this.socket = new version.Socket(server.socketUrl, {
      transport: WebSocket, // Node 20 has no WebSocket client
      timeout: LIMIT_MS, // for replies; on a busy machine the default of 10 s may be too short
      ...(impatient && impatience(() => this.socket.isConnected())),
      ...version.options,
      ...options,
    });
    this.socket.onOpen(() => {
      this.opened++;
      this.signal.raise();
    });
    this.socket.onClose((event) => {
      this.closeCodes.push(event?.code); // up to 1.5 a long-poll that ends has no code
      this.signal.raise();
    });
    this.socket.connect();
  }

  /** Joins the four topics of the front desk, the page that uses all of them. */
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

  /** Disconnects, as when the tab is closed. */
  close() {
    return new Promise((resolve) => this.socket.disconnect(resolve));
  }

  /**
   * Resolves when the changes of all earlier writes have arrived. Changes arrive in commit order, so waiting for one
   * more is enough. Needs the message collection.
   */
  async fence(server) {
    const { id } = await server.rest.create("message", { title: "fence", subtitle: null });
    await this.message.until((store) => store.records.some((message) => message.id === id), "the fence");
  }
}
