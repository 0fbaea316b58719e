import { answer } from "./answer.mjs";
import { impatience } from "./impatience.mjs";
import { Presences } from "./presences.mjs";
import { LIMIT_MS, Signal } from "./signal.mjs";

/**
 * One client under the control of a test, in Node or in a page. Arguments and results are JSON, and all waiting happens
 * here. A binary payload is `{ bytes: [...] }`.
 */
export class Peer {
  #rooms = new Map();
  #closeCodes = [];
  #opened = 0;
  #signal = new Signal();

  /** `authTokens` has one for each attempt to connect; the last serves all further ones. */
  constructor(phoenix, url, { authTokens, ...options } = {}) {
    this.Presence = phoenix.Presence;
    this.params = options.params;
    this.socket = new phoenix.Socket(url, {
      timeout: LIMIT_MS, // for replies; on a busy machine the default of 10 s may be too short
      ...impatience(() => this.socket.isConnected()),
      ...(authTokens && { authToken: () => (authTokens.length > 1 ? authTokens.shift() : authTokens[0]) }),
      ...options,
    });
    this.socket.onOpen(() => {
      this.#opened++;
      this.#signal.raise();
    });
    // Up to 1.5 a long-poll that ends has no code.
    this.socket.onClose((event) => {
      this.#closeCodes.push(event?.code ?? null);
      this.#signal.raise();
    });
    this.socket.connect();
  }

  /** Resolves with the answer to the first join: `{ status, response }`. */
  async join(topic, params = {}) {
    const channel = this.socket.channel(topic, params);
    const room = { channel, joins: [], heard: [], presences: new Presences(this.Presence, channel, this.#signal) };
    this.#rooms.set(topic, room);
    channel.onMessage = (event, payload) => {
      room.heard.push({ event, payload: readable(payload) });
      queueMicrotask(() => this.#signal.raise());
      return payload;
    };
    const push = channel.join().receive("ok", (response) => {
      room.joins.push(response);
      this.#signal.raise();
    });
    return readableAnswer(await answer(push));
  }

  /** Resolves once the topic was joined this many times: 2 means after the first rejoin. */
  async joined(topic, times) {
    const { joins } = this.#rooms.get(topic);
    await this.#signal.until(() => joins.length >= times, `join number ${times} of ${topic}`);
  }

  /** Resolves with the answer; `timeoutMs` is for pushes that get no answer. */
  async push(topic, event, payload = {}, timeoutMs = LIMIT_MS) {
    const push = this.#rooms.get(topic).channel.push(event, payload.bytes ? encode(payload) : payload, timeoutMs);
    return readableAnswer(await answer(push));
  }

  /** Resolves with the payloads of an event once there are this many. */
  async heard(topic, event, times = 1) {
    const { heard } = this.#rooms.get(topic);
    const payloads = () => heard.filter((one) => one.event === event).map(({ payload }) => payload);
    await this.#signal.until(() => payloads().length >= times, `${event} number ${times} on ${topic}`);
    return payloads();
  }

  /** Resolves when exactly these are present; `expected` has the devices of each key. */
  async sees(topic, expected) {
    const { presences } = this.#rooms.get(topic);
    await presences.until(expected);
  }

  /** The joins and leaves that the client reported, for example `["+anna", "-anna"]`. */
  async comingsAndGoings(topic) {
    return this.#rooms.get(topic).presences.comingsAndGoings;
  }

  async state(topic) {
    return this.#rooms.get(topic).channel.state;
  }

  /** Resolves when the channel is in this state. */
  async becomes(topic, state) {
    const { channel } = this.#rooms.get(topic);
    await this.#signal.until(() => channel.state === state, `${topic} to be ${state}`);
  }

  async leave(topic) {
    return readableAnswer(await answer(this.#rooms.get(topic).channel.leave()));
  }

  /** Resolves with all close codes once there are this many; `null` where the client got none. */
  async closed(times = 1) {
    await this.#signal.until(() => this.#closeCodes.length >= times, `close number ${times}`);
    return this.#closeCodes;
  }

  async closeCodes() {
    return this.#closeCodes;
  }

  /** Resolves once the socket was opened this many times. */
  async opened(times = 1) {
    await this.#signal.until(() => this.#opened >= times, `the socket to open ${times} times`);
  }

  async timesOpened() {
    return this.#opened;
  }

  /** Takes effect at the next attempt to connect. */
  async removeParam(name) {
    delete this.params[name];
  }

  /** A value that phoenix.js stored in the page's sessionStorage. */
  async session(name) {
    return this.socket.sessionStore?.getItem(name) ?? null;
  }

  /** Disconnects, as when the tab is closed. */
  async close() {
    this.socket.disconnect();
  }
}

function readableAnswer({ status, response }) {
  return { status, response: readable(response) };
}

function readable(payload) {
  if (payload instanceof ArrayBuffer) {
    return { bytes: [...new Uint8Array(payload)] };
  }
  // A reply: status and response.
  return payload?.response instanceof ArrayBuffer ? { ...payload, response: readable(payload.response) } : payload;
}

function encode({ bytes }) {
  return Uint8Array.from(bytes).buffer;
}
