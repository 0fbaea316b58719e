// The long-poll transport, request by request (docs/protocol.md, 'Long-poll'; phoenix@167c469 transports/long_poll.ex).
// The HTTP status is always 200; the actual status is in the JSON.
const source = "docs/protocol.md, 'Long-poll' / transports/long_poll.ex";
const vsn = "vsn=2.0.0";
const headers = {
  "access-control-allow-origin": "*",
  "content-type": "application/json; charset=utf-8",
  "cache-control": "no-store",
};
const opening = { status: 200, headers, json: '{"status":410,"token":"<newtoken>","messages":[]}' };
const another = { status: 200, headers, json: '{"status":410,"token":"<othertoken>","messages":[]}' };
const refused = { status: 200, headers, json: '{"status":403}' };
const accepted = { status: 200, headers, json: '{"status":200}' };
const gone = { status: 200, headers, json: '{"status":410}' };
const one = (message) =>
  ({ status: 200, headers, json: '{"status":200,"token":"<newtoken>","messages":["<message>"]}', message });
const ndjson = { "Content-Type": "application/x-ndjson" };
const open = { request: { query: vsn }, answer: opening };
const post = (body, type = ndjson) =>
  ({ request: { method: "POST", query: `${vsn}&token=<token>`, headers: type, body }, answer: accepted });
const poll = (answer) => ({ request: { query: `${vsn}&token=<token>` }, answer });
const heartbeat = (ref) => `[null,"${ref}","phoenix","heartbeat",{}]`;
const reply = (ref) => `[null,"${ref}","phoenix","phx_reply",{"status":"ok","response":{}}]`;
const v1Heartbeat = '{"topic":"phoenix","event":"heartbeat","payload":{},"ref":"1"}';
const upTo = (count) => Array.from({ length: count }, (_, index) => index + 1);
// Several messages may need several polls.
const expect = (...refs) => refs.map((ref) => ({ expect: reply(ref) }));

export default {
  name: "long-poll",
  transports: ["http"],
  cases: [
    { name: "the opening answer is 410 with a token", source, steps: [open] },
    {
      name: "an opening with an unknown token: a session with another token",
      source,
      steps: [
        { request: { query: `${vsn}&token=<guessedtoken>` }, answer: another },
      ],
    },
    {
      name: "a forged token: a session with another token",
      source: "docs/protocol.md, 'Tokens': tokens are signed",
      steps: [
        open,
        { request: { query: `${vsn}&token=<forgedtoken>` }, answer: another },
      ],
    },
    {
      name: "every session has its own token",
      source,
      steps: [
        open,
        { request: { query: vsn }, answer: another },
      ],
    },
    { name: "an unsupported version", source: "docs/protocol.md, 'Versions' / long_poll_channels_test.exs:919",
      steps: [{ request: { query: "vsn=123.1.1" }, answer: refused }] },
    { name: "a malformed version", source: "docs/protocol.md, 'Versions' / socket.ex negotiate_serializer",
      steps: [{ request: { query: "vsn=2.0" }, answer: refused }] },
    {
      name: "a foreign origin",
      source: "docs/protocol.md, 'Origins' / long_poll_channels_test.exs:794",
      needs: ["refused-origin"],
      steps: [{
        request: { query: vsn, headers: { Origin: "<refusedorigin>" } },
        answer: { status: 200, headers, body: /^\{"status":403[,}]/ }, // a server may add the reason
      }],
    },
    {
      name: "a posted message and its answer",
      source: "docs/protocol.md, 'Long-poll' / long_poll_channels_test.exs:361",
      steps: [open, post(heartbeat(1)), poll(one(reply(1)))],
    },
    {
      name: "a waiting poll is answered when a message arrives",
      source,
      steps: [open, { start: { query: `${vsn}&token=<token>` } }, post(heartbeat(1)), { answer: one(reply(1)) }],
    },
    {
      name: "a poll without messages is answered with 204 at the end of the window",
      source: "docs/protocol.md, 'Answers': window_ms, 10 s",
      steps: [open, poll({ status: 200, headers, json: '{"status":204,"token":"<newtoken>","messages":[]}' })],
    },
    {
      name: "several lines are several messages, in order",
      source: "docs/protocol.md, 'POST bodies' / long_poll_channels_test.exs:613",
      transports: ["long-poll"],
      steps: [post([1, 2, 3].map(heartbeat).join("\n")), ...expect(1, 2, 3)],
    },
    {
      name: "lines may end with CR LF",
      source: "docs/protocol.md, 'POST bodies': split on \\n or \\r\\n",
      transports: ["long-poll"],
      steps: [post([1, 2].map(heartbeat).join("\r\n")), ...expect(1, 2)],
    },
    {
      name: "only the first 100 lines count",
      source: "docs/protocol.md, 'POST bodies' / long_poll_channels_test.exs:745",
      transports: ["long-poll"],
      steps: [post(upTo(102).map(heartbeat).join("\n")), ...expect(...upTo(100)), post(heartbeat(103)), ...expect(103)],
    },
    {
      name: "with another content type, the whole body is one message",
      source: "docs/protocol.md, 'POST bodies': exactly application/x-ndjson",
      steps: [open, post(heartbeat(1), { "Content-Type": "application/json" }), poll(one(reply(1)))],
    },
    {
      name: "without a content type, the whole body is one message",
      source: "docs/protocol.md, 'POST bodies': exactly application/x-ndjson",
      steps: [open, post(`[null,"1",\n"phoenix","heartbeat",{}]`, {}), poll(one(reply(1)))],
    },
    {
      name: "V1: the whole body is one message",
      source: "docs/protocol.md, 'POST bodies': clients up to 1.6",
      steps: [
        { request: { query: "vsn=1.0.0" }, answer: opening },
        {
          request: {
            method: "POST",
            query: "vsn=1.0.0&token=<token>",
            headers: { "Content-Type": "application/json" },
            body: v1Heartbeat,
          },
          answer: accepted,
        },
        {
          request: { query: "vsn=1.0.0&token=<token>" },
          answer: one('{"topic":"phoenix","event":"phx_reply","payload":{"status":"ok","response":{}},"ref":"1"}'),
        },
      ],
    },
    {
      name: "the token may be in a header",
      source: "docs/protocol.md, 'Tokens' / long_poll.ex, since 1.8.10",
      steps: [
        open,
        {
          request: {
            method: "POST",
            query: vsn,
            headers: { ...ndjson, "X-Phoenix-Longpoll-Token": "<token>" },
            body: heartbeat(1),
          },
          answer: accepted,
        },
        { request: { query: vsn, headers: { "X-Phoenix-Longpoll-Token": "<token>" } }, answer: one(reply(1)) },
      ],
    },
    {
      name: "the header takes precedence over the query",
      source: "docs/protocol.md, 'Tokens' / long_poll_socket_test.exs:175",
      steps: [
        open,
        post(heartbeat(1)),
        {
          request: { query: `${vsn}&token=<guessedtoken>`, headers: { "X-Phoenix-Longpoll-Token": "<token>" } },
          answer: one(reply(1)),
        },
      ],
    },
    {
      name: "a message for an unknown token: 410",
      source,
      steps: [
        {
          request: { method: "POST", query: `${vsn}&token=<guessedtoken>`, headers: ndjson, body: heartbeat(1) },
          answer: gone,
        },
      ],
    },
    {
      name: "a message without a token: 410",
      source,
      steps: [{ request: { method: "POST", query: vsn, headers: ndjson, body: heartbeat(1) }, answer: gone }],
    },
    {
      name: "a message for a forged token: 410",
      source: "docs/protocol.md, 'Tokens': tokens are signed",
      steps: [
        open,
        {
          request: { method: "POST", query: `${vsn}&token=<forgedtoken>`, headers: ndjson, body: heartbeat(1) },
          answer: gone,
        },
      ],
    },
    {
      name: "OPTIONS allows the headers that a browser requests",
      source: "docs/protocol.md, 'Answers' / long_poll.ex dispatch OPTIONS",
      steps: [
        {
          request: {
            method: "OPTIONS",
            query: vsn,
            headers: {
              "Access-Control-Request-Method": "POST",
              "Access-Control-Request-Headers": "content-type,x-phoenix-longpoll-token",
            },
          },
          answer: {
            status: 200,
            headers: {
              "access-control-allow-origin": "*",
              "access-control-allow-headers": "content-type,x-phoenix-longpoll-token",
              "access-control-allow-methods": "get, post, options",
              "access-control-max-age": "3600",
            },
            body: "",
          },
        },
      ],
    },
    {
      name: "another method is answered with 400",
      source: "docs/protocol.md, 'Answers': other methods",
      steps: [
        { request: { method: "PUT", query: vsn, headers: ndjson, body: "[]" }, answer: { status: 400, body: "" } },
      ],
    },
  ],
};
