import { orderDraft } from "./rest.mjs";

const states = ["received", "production", "completed", "dispatched"];

/** Busy staff: parallel writers, each creating, changing and deleting its own records. */
export class Storm {
  written = 0;
  #random;

  constructor(rest, { writers, writesEach, seed }) {
    this.rest = rest;
    this.writers = writers;
    this.writesEach = writesEach;
    this.#random = mulberry32(seed);
  }

  get total() {
    return this.writers * this.writesEach;
  }

  /** Resolves when all writes are done. */
  async rage() {
    await Promise.all(Array.from({ length: this.writers }, () => this.#write()));
  }

  async #write() {
    const own = { order: [], message: [], category: [] };
    for (let write = 0; write < this.writesEach; write++) {
      await this.#writeOne(own);
      this.written++;
    }
  }

  // Mostly orders, as in a shop. More are created than deleted, so that some remain for the comparison.
  async #writeOne(own) {
    const collection = this.#pick(["order", "order", "order", "order", "message", "message", "category", "status"]);
    if (collection === "status") {
      await this.rest.update("status", 1, { open: this.#pick([true, false]) });
      return;
    }
    const ids = own[collection];
    const action = ids.length === 0 ? "create" : this.#pick(["create", "create", "update", "update", "delete"]);
    if (action === "create") {
      ids.push((await this.rest.create(collection, this.#record(collection))).id);
    } else if (action === "update") {
      await this.rest.update(collection, this.#pick(ids), this.#patch(collection));
    } else {
      const [id] = ids.splice(Math.floor(this.#random() * ids.length), 1);
      await this.rest.delete(collection, id);
    }
  }

  #record(collection) {
    switch (collection) {
      case "order":
        return orderDraft;
      case "message":
        return { title: `Melding ${this.written}`, subtitle: null };
      default:
        return { id: 0, name: `Kategori ${this.written}`, sort_order: 9, enable: true, valid_customizations: [1, 3] };
    }
  }

  #patch(collection) {
    switch (collection) {
      case "order":
        return { state: this.#pick(states) };
      case "message":
        return { title: `Melding ${this.written}`, subtitle: "endret" };
      default:
        return { enable: this.#pick([true, false]) };
    }
  }

  #pick(choices) {
    return choices[Math.floor(this.#random() * choices.length)];
  }
}

// A seeded generator, so that a failed storm can be repeated as far as scheduling allows.
function mulberry32(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
