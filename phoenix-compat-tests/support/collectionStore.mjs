import { Signal } from "./signal.mjs";

/**
 * What a screen knows of a collection, kept as the front end keeps it, with all its trust: a snapshot replaces
 * everything, a created record is appended without a look, an updated one is put in place or appended. So a change
 * that is lost, doubled or out of order shows here as it would on the screen.
 */
export class CollectionStore {
  records = [];
  /** The answers to joins, the rejoins' included: the front end's hooks are called again for each. */
  snapshots = 0;
  refusals = 0;
  /** Every change that came, as it came. */
  changes = [];
  #signal = new Signal();

  constructor(socket, collection, options) {
    this.collection = collection;
    this.params = { options }; // sent anew, as they are then, with every rejoin
    this.channel = socket.channel(`collection:${collection}`, this.params);
    this.channel.on("change", (change) => {
      this.take(change);
      this.#signal.raise();
    });
    this.channel.onClose(() => this.#signal.raise());
    this.join = this.channel
      .join()
      .receive("ok", (response) => {
        this.snapshots++;
        this.answer(response);
        this.#signal.raise();
      })
      .receive("error", () => {
        this.refusals++;
        this.replace([]);
        this.#signal.raise();
      });
  }

  answer(response) {
    this.replace(response.items);
  }

  take(change) {
    this.changes.push(change);
    this.apply(change.action, change.record);
  }

  replace(items) {
    this.records = Array.isArray(items) ? items : [];
  }

  apply(action, record) {
    if (action === "create") {
      this.records = [...this.records, record];
    } else if (action === "update") {
      const isKnown = this.records.some((known) => known.id === record.id);
      this.records = isKnown
        ? this.records.map((known) => (known.id === record.id ? record : known))
        : [...this.records, record];
    } else if (action === "delete") {
      this.records = this.records.filter((known) => known.id !== record.id);
    }
  }

  /** Resolves once the join is answered. */
  joined() {
    return this.until(() => this.snapshots > 0, "the join");
  }

  until(predicate, what) {
    return this.#signal.until(() => predicate(this), `${what} (collection ${this.collection})`);
  }

  /** Resolves with the next change that fits; those that have come already count. */
  async change(action, id) {
    const fits = (change) => change.action === action && (id === undefined || change.record.id === id);
    return this.until(() => this.changes.find(fits), `${action} of ${id}`);
  }

  /** How often a record was created, updated and deleted before this screen. */
  actionsOn(id) {
    return this.changes.filter((change) => change.record.id === id).map((change) => change.action);
  }
}

/** The menu is one record, replaced as a whole. */
export class MenuStore extends CollectionStore {
  menu = null;

  replace(items) {
    this.menu = Array.isArray(items?.tree) ? items : null;
  }

  apply(action, record) {
    if (action === "update") {
      this.replace(record);
    }
  }
}
