// Typical faults of long-poll transports (docs/protocol.md, 'Long-poll'), in the form of faults.mjs.

const onJson = (change) => ({
  longPoll: (answer, request) => (answer.body.startsWith("{")
    ? { ...answer, body: JSON.stringify(change(JSON.parse(answer.body), request)) }
    : answer),
});
const onHeaders = (change) => ({ longPoll: (answer) => ({ ...answer, headers: change(answer.headers) }) });

export const longPollFaults = [
  {
    fault: "opens a long-poll session with 200",
    only: "long-poll", case: "opening answer is 410", reason: /at status: expected 410, received 200/,
    hooks: onJson((body) => (body.status === 410 ? { ...body, status: 200 } : body)),
  },
  {
    fault: "opens a long-poll session without messages",
    only: "long-poll", case: "opening answer is 410", reason: /"messages" is missing/,
    hooks: onJson(({ messages, ...body }) => body),
  },
  {
    fault: "reports the outcome of a long-poll request as an HTTP status",
    only: "long-poll", case: "opening answer is 410", reason: /expected HTTP 200, received 410/,
    hooks: { longPoll: (answer) => ({ ...answer, status: JSON.parse(answer.body).status }) },
  },
  {
    fault: "sends long-poll messages as JSON instead of as strings",
    only: "long-poll", case: "a posted message", reason: /at messages\[0\]: expected .*received an array/,
    hooks: onJson((body) => ({ ...body, ...(body.messages && { messages: body.messages.map(JSON.parse) }) })),
  },
  {
    fault: "lets long-poll answers be cached",
    only: "long-poll", case: "opening answer is 410", reason: /the header cache-control: no-store, received null/,
    hooks: onHeaders(({ "cache-control": _, ...headers }) => headers),
  },
  {
    fault: "keeps other origins from reading long-poll answers",
    only: "long-poll", case: "opening answer is 410", reason: /access-control-allow-origin: \*, received null/,
    hooks: onHeaders(({ "access-control-allow-origin": _, ...headers }) => headers),
  },
  {
    fault: "omits the requested headers in a preflight",
    only: "long-poll", case: "OPTIONS",
    reason: /access-control-allow-headers: content-type,x-phoenix-longpoll-token, received content-type$/,
    hooks: onHeaders((headers) => ({ ...headers, "access-control-allow-headers": "content-type" })),
  },
  {
    fault: "accepts messages for an unknown session",
    only: "long-poll", case: "a message for an unknown token", reason: /at status: expected 410, received 200/,
    hooks: onJson((body, { method }) => (method === "POST" ? { status: 200 } : body)),
  },
  {
    fault: "accepts a token that the client made up",
    only: "long-poll", case: "an opening with an unknown token", reason: /at token: expected "<othertoken>"/,
    hooks: onJson((body) => ({ ...body, token: "conformance" })),
  },
];
