/**
 * Recognizes the application's own frames: pushes and broadcasts of joined channels, which the cases do not specify.
 * They are skipped, but only where they are allowed: after the reply to a join, under null or that join's join_ref.
 */
export class Application {
  #joins = new Map();
  #topics = new Map();

  /** Observes a text that the client sends. */
  sends(text) {
    const message = read(text, { hasMore: true });
    if (message?.event === "phx_join") {
      this.#joins.set(key(message), message.join_ref ?? message.ref);
    }
  }

  /** Observes a text from the server; true if it is the application's and not an expected event. */
  maySkip(text, expected) {
    const message = read(text);
    if (message === null) {
      return false;
    }
    if (message.event === "phx_reply" && message.payload?.status === "ok" && this.#joins.has(key(message))) {
      this.#joined(message.topic).add(this.#joins.get(key(message)));
    }
    const joinRefs = this.#topics.get(message.topic);
    return joinRefs !== undefined && !expected.some((other) => isSameEvent(read(other), message))
      && typeof message.event === "string" && !message.event.startsWith("phx_")
      && message.ref === null
      && (message.join_ref === null || joinRefs.has(message.join_ref))
      && typeof message.payload === "object" && message.payload !== null && !Array.isArray(message.payload);
  }

  #joined(topic) {
    if (!this.#topics.has(topic)) {
      this.#topics.set(topic, new Set());
    }
    return this.#topics.get(topic);
  }
}

const isSameEvent = (message, other) => message?.topic === other.topic && message.event === other.event;
const key = ({ topic, ref }) => JSON.stringify([topic, ref]);

// V2 is an array of five, V1 an object of four. A client's message may have more elements.
function read(text, { hasMore = false } = {}) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (Array.isArray(value)) {
    const [join_ref, ref, topic, event, payload] = value;
    return value.length === 5 || (hasMore && value.length > 5) ? { join_ref, ref, topic, event, payload } : null;
  }
  return typeof value === "object" && value !== null && !("join_ref" in value && value.event !== "phx_join")
    ? { join_ref: null, ...value }
    : null;
}
