import { Signal } from "./signal.mjs";

/**
 * A client's copy of a collection, kept the way the front end keeps it, without any checks: a snapshot replaces
 * everything, a created record is appended, and an updated record replaces the old one or is appended. So a lost,
 * doubled or reordered change has the same effect here as in the front end.
 */
export class CollectionStore {
  records = [];
  /** The number of replies to joins and rejoins; the front end's hooks run for each. */
  snapshots = 0;
  refusals = 0;
  /** All changes, in order of arrival. */
  changes = [];
  #signal = new Signal();

  constructor(socket, collection, options) {
    this.collection = collection;
    this.params = { options }; // every rejoin sends their current values
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

  /** Resolves once the join has been answered. */
  joined() {
    return this.until(() => this.snapshots > 0, "the join");
  }

  until(predicate, what) {
    return this.#signal.until(() => predicate(this), `${what} (collection ${this.collection})`);
  }

  /** Resolves with the first change of this action and id, including those that have already arrived. */
  async change(action, id) {
    const fits = (change) => change.action === action && (id === undefined || change.record.id === id);
    return this.until(() => this.changes.find(fits), `${action} of ${id}`);
  }

  /** The actions that this client received for a record, in order. */
  actionsOn(id) {
    return this.changes.filter((change) => change.record.id === id).map((change) => change.action);
  }
}

/** The menu is a single record that each change replaces as a whole. */
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
