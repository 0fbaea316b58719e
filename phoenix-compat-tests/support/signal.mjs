/** How long anything may take. Far more than it does: a test waits for what happens, never for time to pass. */
export const LIMIT_MS = 90_000;

/** Something that happens again and again, and can be waited for until it has led to what is wanted. */
export class Signal {
  #waiting = new Set();

  /** It has happened: whoever waits looks again. */
  raise() {
    for (const look of [...this.#waiting]) {
      look();
    }
  }

  /** Resolves with the first truthy value that `predicate` returns, now or after the signal is raised. */
  until(predicate, what) {
    return new Promise((resolve, reject) => {
      const settle = (settled, value) => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        settled(value);
      };
      const timer = setTimeout(() => settle(reject, new Error(`Waited in vain for ${what}.`)), LIMIT_MS);
      const look = () => {
        try {
          const value = predicate();
          if (value) {
            settle(resolve, value);
          }
        } catch (error) {
          settle(reject, error);
        }
      };
      this.#waiting.add(look);
      look();
    });
  }
}
