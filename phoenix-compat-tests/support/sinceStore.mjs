import { CollectionStore } from "./collectionStore.mjs";

/**
 * A store that remembers its position: when it rejoins, it sends `since` and gets only the changes that it missed.
 * Unlike the front end's store it checks everything: a change that does not fit is a fault.
 */
export class SinceStore extends CollectionStore {
  faults = [];
  /** The number of joins answered with the missed changes, and of those answered with the whole list. */
  recoveries = 0;
  replacements = 0;

  answer(response) {
    if (response.recovered === true) {
      this.recoveries++;
      response.changes.forEach((change) => this.take(change));
    } else {
      this.replacements++;
      this.replace(response.items);
    }
    this.params.since = { epoch: response.epoch, seq: response.seq };
  }

  take(change) {
    const { action, record, seq } = change;
    const isKnown = this.isKnown(record);
    if (seq <= this.params.since.seq || isKnown !== (action !== "create")) {
      this.faults.push({ action, id: record.id, seq, since: this.params.since.seq });
    }
    super.take(change);
    this.params.since.seq = seq;
  }

  isKnown({ id }) {
    return this.records.some((known) => known.id === id);
  }
}

/** The same for the menu, a single record that is only ever updated. */
export class SinceMenuStore extends SinceStore {
  menu = null;

  replace(items) {
    this.menu = items;
  }

  apply(action, record) {
    this.menu = record;
  }

  isKnown() {
    return true;
  }
}
