/** A queue of items received from a server; taking from an empty queue waits. */
export class Inbox {
  #items = [];
  #wake = null;

  put(item) {
    this.#items.push(item);
    this.#wake?.();
  }

  /** Takes the next item. Throws if none arrives in time. */
  async take(timeoutMs) {
    if (this.#items.length === 0) {
      await this.#wait(timeoutMs);
    }
    return this.#items.shift();
  }

  #wait(timeoutMs) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#wake = null;
        reject(new Error(`nothing came within ${timeoutMs} ms`));
      }, timeoutMs);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = null;
        resolve();
      };
    });
  }
}
