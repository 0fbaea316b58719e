/** The parts of a reply frame; refs are kept as the JSON text that was received. */
export const reply = ({ joinRef, ref, topic }, status, response) =>
  ({ joinRef, ref, topic, event: "phx_reply", payload: { status, response } });

/** The channels of one client; answers its messages. */
export class TinySocket {
  #joinRefs = new Map();

  /** @returns The frames to answer with, in order. */
  receive(message) {
    const { topic, event } = message;
    if (topic === "phoenix" && event === "heartbeat") {
      return [reply({ ...message, joinRef: "null" }, "ok", {})];
    }
    if (event === "phx_join") {
      return this.#join(message);
    }
    if (!this.#joinRefs.has(topic)) {
      return [event === "phx_leave"
        ? reply(message, "ok", {})
        : reply({ ...message, joinRef: "null" }, "error", { reason: "unmatched topic" })];
    }
    const joined = this.#joinRefs.get(topic);
    return ["null", joined.joinRef].includes(message.joinRef) ? this.#push(message, joined) : [];
  }

  #join(message) {
    const { topic, joinRef, ref } = message;
    const old = this.#joinRefs.get(topic);
    if (!/^(room|presence):/.test(topic)) {
      return [reply({ ...message, joinRef: "null" }, "error", { reason: "unmatched topic" })];
    }
    if (old === undefined && this.#joinRefs.size >= 100) {
      return [reply(message, "error", { reason: "too many channels joined" })];
    }
    const joined = { joinRef, own: joinRef === "null" ? ref : joinRef };
    this.#joinRefs.set(topic, joined);
    return [
      reply(message, "ok", {}),
      ...(old === undefined ? [] : [close(topic, old, "phx_close", {})]),
      ...(topic.startsWith("presence:") ? presences(topic, joined) : []),
    ];
  }

  #push(message, joined) {
    const { topic, event, payload } = message;
    const answer = { ...message, joinRef: joined.own };
    switch (event) {
      case "phx_leave":
        this.#joinRefs.delete(topic);
        return [reply(answer, "ok", {}), close(topic, joined, "phx_close", {})];
      case "echo":
        return [reply(answer, "ok", payload)];
      case "push":
        return [push(topic, joined.own, "pushed", payload), reply(answer, "ok", {})];
      case "shout":
        return [push(topic, "null", "shouted", payload), reply(answer, "ok", {})];
      case "crash":
        this.#joinRefs.delete(topic);
        return [close(topic, joined, "phx_error", { reason: "channel_crash" })];
      default:
        return [reply(answer, "error", { reason: "unknown event" })];
    }
  }
}

export const isVersion = (vsn = "1.0.0") => /^[12]\.0\.(0|[1-9]\d*)$/.test(vsn);

/** Reads a message; throws if it is malformed. */
export function decode(data, isBinary, vsn) {
  const text = data.toString();
  if (vsn.startsWith("1.")) {
    const { topic, event, payload, ref, join_ref: joinRef = null } = JSON.parse(text);
    require([topic, event, payload, ref].every((part) => part !== undefined));
    return { joinRef: JSON.stringify(joinRef), ref: JSON.stringify(ref), topic, event, payload };
  }
  if (isBinary) {
    return decodeBinary(data);
  }
  const message = JSON.parse(text);
  require(Array.isArray(message) && message.length >= 5 && text.isWellFormed() && isShallow(message, 100));
  require(!/\\ud83d"/.test(text)); // JSON.parse accepts half of a surrogate pair
  const [, , topic, event, payload] = message;
  // The refs as text, since a double cannot hold every number.
  const [, joinRef, ref] = /^\s*\[\s*("(?:[^"\\]|\\.)*"|[^,\s]+)\s*,\s*("(?:[^"\\]|\\.)*"|[^,\s]+)/.exec(text);
  return { joinRef, ref, topic, event, payload };
}

// 00 | joinRefLen refLen topicLen eventLen | joinRef ref topic event | data
function decodeBinary(data) {
  require(data.length >= 5 && data[0] === 0);
  let end = 5;
  const [joinRef, ref, topic, event] = [...data.subarray(1, 5)].map((length) => {
    const field = data.subarray(end, (end += length));
    return new TextDecoder("utf-8", { fatal: true }).decode(field);
  });
  require(data.length >= end);
  const json = (text) => (text === "" ? "null" : JSON.stringify(text));
  return { joinRef: json(joinRef), ref: json(ref), topic, event, payload: data.subarray(end) };
}

/** Writes a frame: bytes if its payload is binary, text otherwise. */
export function encode({ joinRef, ref, topic, event, payload }, vsn) {
  if (payload?.response instanceof Uint8Array) {
    return encodeBinary(1, [JSON.parse(joinRef), JSON.parse(ref), topic, payload.status], payload.response);
  }
  if (payload instanceof Uint8Array) {
    return joinRef === "null"
      ? encodeBinary(2, [topic, event], payload)
      : encodeBinary(0, [JSON.parse(joinRef), topic, event], payload);
  }
  return vsn.startsWith("1.")
    ? `{"topic":${JSON.stringify(topic)},"event":"${event}","payload":${JSON.stringify(payload)},"ref":${ref}}`
    : `[${joinRef},${ref},${JSON.stringify(topic)},"${event}",${JSON.stringify(payload)}]`;
}

// kind | lengths | fields | data
function encodeBinary(kind, texts, data) {
  const fields = texts.map((text) => Buffer.from(text ?? ""));
  return Buffer.concat([Buffer.from([kind, ...fields.map((field) => field.length)]), ...fields, data]);
}

// A broadcast is a push without a join_ref.
const push = (topic, joinRef, event, payload) => ({ joinRef, ref: "null", topic, event, payload });

function presences(topic, { own }) {
  const one = { someone: { metas: [{ phx_ref: "F1" }] } };
  return [push(topic, own, "presence_state", one), push(topic, "null", "presence_diff", { joins: one, leaves: {} })];
}

const close = (topic, { joinRef }, event, payload) => ({ joinRef, ref: joinRef, topic, event, payload });

function isShallow(value, depth) {
  return depth > 0 && (typeof value !== "object" || value === null
    || Object.values(value).every((inner) => isShallow(inner, depth - 1)));
}

function require(isMet) {
  if (!isMet) {
    throw new Error("malformed message");
  }
}
