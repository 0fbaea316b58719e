/** The limit of every wait, far above the usual time: tests wait for events, never for time to pass. */
export const LIMIT_MS = 90_000;

/** An event that occurs repeatedly; a test can wait until an occurrence makes a predicate true. */
export class Signal {
  #waiting = new Set();

  /** Reports an occurrence: all waiters evaluate their predicates again. */
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
      const timer = setTimeout(() => settle(reject, new Error(`Timed out waiting for ${what}.`)), LIMIT_MS);
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
