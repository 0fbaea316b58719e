/** A WebSocket behind a proxy without WebSocket support: it fails ("refused"), or never opens ("silent"). */
export function blocked(how) {
  return class WebSocket {
    readyState = 0;
    bufferedAmount = 0;
    #timer;

    constructor() {
      if (how === "refused") {
        this.#timer = setTimeout(() => {
          this.readyState = 3;
          this.onerror?.({ type: "error" });
          this.onclose?.({ type: "close", code: 1006, reason: "", wasClean: false });
        });
      }
    }

    send() {
      throw new Error("A WebSocket that is not open was used.");
    }

    close() {
      clearTimeout(this.#timer);
      this.readyState = 3;
    }
  };
}
