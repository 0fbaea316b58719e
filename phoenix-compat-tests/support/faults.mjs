// Typical faults of servers (docs/protocol.md, 'Common mistakes'). Each has hooks for TinyPhoenix, the case of the
// conformance runner that must find it, and the reason that the runner must give.

const all = (change) => ({ frames: (frames, message, reply) => frames.map((frame) => change(frame, message, reply)) });
const onText = (change) => ({
  encode: (frame, vsn, encode) => {
    const bytes = encode(frame, vsn);
    return typeof bytes === "string" ? change(bytes) : bytes;
  },
});
const onBytes = (change) => ({
  encode: (frame, vsn, encode) => {
    const bytes = encode(frame, vsn);
    return typeof bytes === "string" ? bytes : change(bytes);
  },
});
const isUnmatched = (frame) => frame.payload.response?.reason === "unmatched topic";

/** Faults in messages that the server sends. */
export const faults = [
  {
    fault: "turns numbers into strings",
    only: "join", case: "numbers stay numbers", reason: /at \[0\]: expected 1, received "1"/,
    hooks: all((frame) => ({ ...frame, joinRef: `"${frame.joinRef}"`, ref: `"${frame.ref}"` })),
  },
  {
    fault: "turns strings of digits into numbers",
    only: "heartbeat", case: "is answered with its ref", reason: /at \[1\]: expected "1", received 1/,
    hooks: all((frame) => ({ ...frame, ref: JSON.parse(frame.ref) })),
  },
  {
    fault: "reads numbers as doubles",
    only: "heartbeat", case: "no double can hold", reason: /expected 9007199254740993, received 9007199254740992/,
    hooks: all((frame) => ({ ...frame, ref: String(Number(frame.ref)) })),
  },
  {
    fault: "answers a heartbeat under a join_ref",
    only: "heartbeat", case: "a join_ref is not echoed", reason: /at \[0\]: expected null, received "7"/,
    hooks: all((frame, { joinRef }) => ({ ...frame, joinRef })),
  },
  {
    fault: "answers an unmatched join under its join_ref",
    only: "join", case: "unmatched topic is refused with", reason: /at \[0\]: expected null, received "1"/,
    hooks: all((frame, { joinRef }) => (isUnmatched(frame) ? { ...frame, joinRef } : frame)),
  },
  {
    fault: "answers a join without a join_ref",
    only: "join", case: "before anything else of the channel", reason: /at \[0\]: expected "1", received null/,
    hooks: all((frame) => ({ ...frame, joinRef: "null" })),
  },
  {
    fault: "refuses a duplicate join",
    only: "duplicate-join", case: "the new reply, then", reason: /at \[4\]\.status: expected "ok", received "error"/,
    hooks: {
      frames: (frames, message, reply) =>
        (message.event === "phx_join" && frames.length > 1 ? [reply(message, "error", { reason: "joined" })] : frames),
    },
  },
  {
    fault: "closes the old channel before it answers the new join",
    only: "duplicate-join", case: "the new reply, then", reason: /at \[0\]: expected "9", received "1"/,
    hooks: { frames: (frames) => frames.toReversed() },
  },
  {
    fault: "closes the new channel instead of the old one",
    only: "duplicate-join", case: "the new reply, then", reason: /at \[0\]: expected "1", received "9"/,
    hooks: all((frame, { joinRef }) =>
      (frame.event === "phx_close" ? { ...frame, joinRef, ref: joinRef } : frame)),
  },
  {
    fault: "omits the ref of phx_close",
    only: "leave", case: "with the join_ref as its ref", reason: /at \[1\]: expected "1", received null/,
    hooks: all((frame) => (frame.event === "phx_close" ? { ...frame, ref: "null" } : frame)),
  },
  {
    fault: "sends phx_close after a crash",
    only: "push", case: "a crash: no reply", reason: /at \[3\]: expected "phx_error", received "phx_close"/,
    hooks: all((frame) => (frame.event === "phx_error" ? { ...frame, event: "phx_close" } : frame)),
  },
  {
    fault: "answers the push that crashed",
    only: "push", case: "a crash: no reply", reason: /at \[1\]: expected "1", received "2"/,
    hooks: {
      frames: (frames, message, reply) =>
        (message.event === "crash" ? [reply(message, "error", {}), ...frames] : frames),
    },
  },
  {
    fault: "accepts a leave of an old join",
    only: "leave", case: "under another join_ref", reason: /at \[0\]: expected null, received "0"/,
    hooks: {
      frames: (frames, message, reply) => (frames.length === 0 ? [reply(message, "ok", {})] : frames),
    },
  },
  {
    fault: "accepts a push of an old join",
    only: "push", case: "under another join_ref", reason: /at \[0\]: expected null, received "0"/,
    hooks: {
      frames: (frames, message, reply) => (frames.length === 0 ? [reply(message, "ok", {})] : frames),
    },
  },
  {
    fault: "joins a topic at the first push",
    only: "push", case: "a push does not join", reason: /expected "error", received "ok"/,
    hooks: all((frame) => (isUnmatched(frame) ? { ...frame, payload: { status: "ok", response: {} } } : frame)),
  },
  {
    fault: "answers twice",
    only: "heartbeat", case: "is answered with its ref", reason: /at \[1\]: expected "silence-1", received "1"/,
    hooks: { frames: (frames) => [...frames, ...frames] },
  },
  {
    fault: "pushes before it answers the join",
    only: "join", case: "before anything else", reason: /at \[1\]: expected "1", received null/,
    hooks: {
      frames: (frames, { event, topic, joinRef }) => (event === "phx_join"
        ? [{ joinRef, ref: "null", topic, event: "welcome", payload: {} }, ...frames]
        : frames),
    },
  },
  {
    fault: "pushes under another join_ref",
    only: "join", case: "before anything else", reason: /at \[0\]: expected null, received "0"/,
    hooks: {
      frames: (frames, { event, topic }) => (event === "phx_join"
        ? [...frames, { joinRef: '"0"', ref: "null", topic, event: "welcome", payload: {} }]
        : frames),
    },
  },
  {
    fault: "broadcasts under a join_ref",
    only: "broadcast", case: "a broadcast carries neither", reason: /not expected: \["1",null,"room:lobby","shouted"/,
    hooks: all((frame, { joinRef }) => (frame.event === "shouted" ? { ...frame, joinRef } : frame)),
  },
  {
    fault: "pushes without a join_ref",
    only: "broadcast", case: "a push carries the join_ref",
    reason: /not expected: \[null,null,"room:lobby","pushed"/,
    hooks: all((frame) => (frame.event === "pushed" ? { ...frame, joinRef: "null" } : frame)),
  },
  {
    fault: "adds a sixth element",
    only: "heartbeat", case: "is answered with its ref", reason: /expected 5 elements, received 6/,
    hooks: onText((text) => text.replace(/\]$/, ",1]")),
  },
  {
    fault: "adds a member to its answer",
    only: "heartbeat", case: "is answered with its ref", reason: /at \[4\]: "time" is unexpected/,
    hooks: all((frame) => ({ ...frame, payload: { ...frame.payload, time: 1 } })),
  },
  {
    fault: "omits the empty response",
    only: "heartbeat", case: "is answered with its ref", reason: /at \[4\]: "response" is missing/,
    hooks: all((frame) => ({ ...frame, payload: { status: frame.payload.status } })),
  },
  {
    fault: "answers with null for an empty response",
    only: "heartbeat", case: "is answered with its ref",
    reason: /at \[4\]\.response: expected an object, received null/,
    hooks: all((frame) => ({ ...frame, payload: { ...frame.payload, response: null } })),
  },
  {
    fault: "writes a member twice",
    only: "heartbeat", case: "is answered with its ref", reason: /not JSON: "status" occurs twice/,
    hooks: onText((text) => text.replace('"response"', '"status":"ok","response"')),
  },
  {
    fault: "answers in V1 with a join_ref",
    only: "v1", case: "a heartbeat", reason: /"join_ref" is unexpected/,
    hooks: onText((text) => text.replace(/\}$/, ',"join_ref":null}')),
  },
  {
    fault: "closes with 1000 on an invalid message",
    only: "invalid", case: "a text that is not JSON", reason: /expected close 1011, received close 1000/,
    hooks: { close: (webSocket) => webSocket.close(1000) },
  },
  {
    fault: "closes without a code on an invalid message",
    only: "invalid", case: "a text that is not JSON", reason: /expected close 1011, received close without a code/,
    hooks: { close: (webSocket) => webSocket.close() },
  },
  {
    fault: "hangs up on an invalid message",
    only: "invalid", case: "a text that is not JSON", reason: /expected close 1011, received the end of the connection/,
    hooks: { close: (webSocket) => webSocket.terminate() },
  },
  {
    fault: "answers an invalid message",
    only: "invalid", case: "a text that is not JSON", reason: /expected close 1011, received \[null,null/,
    hooks: { close: (webSocket) => webSocket.send('[null,null,"phoenix","phx_error",{}]') },
  },
  {
    fault: "accepts every version",
    only: "connecting", case: "vsn 2.1.0 is refused", reason: /expected HTTP 403, received 101/,
    hooks: { accepts: () => true },
  },
  {
    fault: "does not echo the subprotocol",
    only: "connecting", case: "the bearer is not", reason: /header sec-websocket-protocol: phoenix, received null/,
    hooks: { subprotocol: () => false },
  },
  {
    fault: "echoes the bearer",
    only: "connecting", case: "the bearer is not", reason: /header sec-websocket-protocol: phoenix, received base64url/,
    hooks: { subprotocol: (offered) => offered.find((name) => name.startsWith("base64url")) },
  },
  {
    fault: "answers binary messages with text",
    only: "binary", case: "a push is answered with a binary reply", reason: /expected 01 02 03 /,
    hooks: all((frame) => ({ ...frame, payload: { ...frame.payload, response: {} } })),
  },
  {
    fault: "pushes binary messages with the client's header",
    only: "binary", case: "a header of four bytes", reason: /not expected: 00 02 00 /,
    hooks: onBytes((bytes) => (bytes[0] === 0
      ? Buffer.concat([bytes.subarray(0, 2), Buffer.from([0]), bytes.subarray(2)])
      : bytes)),
  },
  {
    fault: "broadcasts presences without leaves",
    only: "presence", case: "with both members", reason: /not expected: \[null,null,"presence:staff","presence_diff"/,
    hooks: all((frame) =>
      (frame.event === "presence_diff" ? { ...frame, payload: { joins: frame.payload.joins } } : frame)),
  },
  {
    fault: "sends presences without phx_ref",
    only: "presence", case: "with both members", reason: /not expected: \["1",null,"presence:staff","presence_state"/,
    hooks: all((frame) =>
      (frame.event === "presence_state" ? { ...frame, payload: { someone: { metas: [{}] } } } : frame)),
  },
];

/** Faults that consist in messages missing. */
export const missing = [
  {
    fault: "sends no phx_close after a leave",
    only: "leave", case: "the reply, then phx_close",
    hooks: { frames: (frames) => frames.filter((frame) => frame.event !== "phx_close") },
  },
  {
    fault: "does not answer a push to a topic that is not joined",
    only: "push", case: "a push does not join",
    hooks: { frames: (frames) => frames.filter((frame) => !isUnmatched(frame)) },
  },
  {
    fault: "does not answer heartbeats",
    only: "heartbeat", case: "is answered with its ref",
    hooks: { frames: () => [] },
  },
  {
    fault: "ignores an invalid message",
    only: "invalid", case: "a text that is not JSON",
    hooks: { close: () => {} },
  },
];
