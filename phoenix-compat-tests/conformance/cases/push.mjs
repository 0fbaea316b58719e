// Pushes and their replies (docs/protocol.md, 'Events'; phoenix@167c469 socket.ex, channel/server.ex).
const source = "docs/protocol.md, 'Events' / socket.ex handle_in";
const echoes = "docs/protocol.md, 'Events': {:reply, {:ok, payload}}";
const join = [
  { send: '["1","1","<topic>","phx_join",<params>]' },
  { expect: '["1","1","<topic>","phx_reply",{"status":"ok","response":<response>}]' },
];
const leave = [
  { send: '["1","99","<topic>","phx_leave",{}]' },
  { expect: '["1","99","<topic>","phx_reply",{"status":"ok","response":{}}]' },
  { expect: '["1","1","<topic>","phx_close",{}]' },
];
const unjoined = (name, sent, ref, topic = "<topic>") => ({
  name,
  source: "docs/protocol.md, 'Events' / websocket_channels_test.exs:723",
  steps: [
    { send: sent },
    { expect: `[null,${ref},"${topic}","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}]` },
  ],
});
const dropped = (name, sent) => ({
  name,
  source: "docs/protocol.md, 'Events': a stale join_ref is dropped, since 1.8.3",
  steps: [...join, { send: sent }, { silence: true }, ...leave],
});
const echoed = (name, payload) => ({
  name,
  source: echoes,
  needs: ["echo-event"],
  steps: [
    ...join,
    { send: `["1","2","<topic>","<echo>",${payload}]` },
    { expect: `["1","2","<topic>","phx_reply",{"status":"ok","response":${payload}}]` },
    ...leave,
  ],
});
const crash = [
  ...join,
  { send: '["1","2","<topic>","<crash>",{}]' },
  { expect: '["1","1","<topic>","phx_error",{"reason":"channel_crash"}]' },
];

export default {
  name: "push",
  transports: ["websocket", "long-poll"],
  cases: [
    unjoined("to a topic that is not joined: refused with join_ref null",
      '["1","2","<topic>","conformance",{}]', '"2"'),
    unjoined("without a join_ref, to a topic that is not joined", '[null,"2","<topic>","conformance",{}]', '"2"'),
    unjoined("the refusal echoes a number as a number", '[1,2,"<topic>","conformance",{}]', "2"),
    unjoined("to a topic that does not exist", '["1","2","<unmatched>","conformance",{}]', '"2"', "<unmatched>"),
    {
      name: "a push does not join its topic",
      source,
      steps: [
        { send: '["1","1","<topic>","conformance",{}]' },
        { expect: '[null,"1","<topic>","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}]' },
        { send: '["1","2","<topic>","conformance",{}]' },
        { expect: '[null,"2","<topic>","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}]' },
      ],
    },
    dropped("under another join_ref: no reply", '["0","2","<topic>","conformance",{}]'),
    dropped("as a join_ref, a number differs from a string of the same digits", '[1,"2","<topic>","conformance",{}]'),
    echoed("the reply carries the join_ref, the ref and the payload", '{"body":"hello"}'),
    echoed("an empty payload", "{}"),
    echoed("a payload of every kind",
      '{"text":"blåbær ☕","number":-1.5,"long":1234567890,"yes":true,"no":false,"none":null,"list":[1,[],{}]}'),
    {
      name: "a number stays a number",
      source: "docs/protocol.md, 'Refs': refs are echoed exactly as they were sent",
      needs: ["echo-event"],
      steps: [
        ...join,
        { send: '["1",2,"<topic>","<echo>",{}]' },
        { expect: '["1",2,"<topic>","phx_reply",{"status":"ok","response":{}}]' },
        ...leave,
      ],
    },
    {
      name: "a push without a join_ref counts, and is answered under the channel's",
      source: "docs/protocol.md, 'Events' / long_poll_channels_test.exs:596, since 1.8.12",
      needs: ["echo-event"],
      steps: [
        ...join,
        { send: '[null,"2","<topic>","<echo>",{}]' },
        { expect: '["1","2","<topic>","phx_reply",{"status":"ok","response":{}}]' },
        ...leave,
      ],
    },
    {
      name: "the pushes of a topic are answered in order, after its join",
      source: "docs/protocol.md, 'Joining': the join goes before everything of its topic",
      needs: ["echo-event"],
      steps: [
        { send: '["1","1","<topic>","phx_join",<params>]' },
        { send: '["1","2","<topic>","<echo>",{"n":2}]' },
        { send: '["1","3","<topic>","<echo>",{"n":3}]' },
        { send: '["1","4","<topic>","<echo>",{"n":4}]' },
        { expect: '["1","1","<topic>","phx_reply",{"status":"ok","response":<response>}]' },
        { expect: '["1","2","<topic>","phx_reply",{"status":"ok","response":{"n":2}}]' },
        { expect: '["1","3","<topic>","phx_reply",{"status":"ok","response":{"n":3}}]' },
        { expect: '["1","4","<topic>","phx_reply",{"status":"ok","response":{"n":4}}]' },
        ...leave,
      ],
    },
    {
      name: "a crash: no reply to the push, phx_error under the join_ref",
      source: "docs/protocol.md, 'Events' / websocket_channels_test.exs:670; the reason since 1.8.2",
      needs: ["crash-event"],
      steps: crash,
    },
    {
      name: "a crashed channel is no longer joined, and can be joined again",
      source: "docs/protocol.md, 'Events': only that channel dies",
      needs: ["crash-event"],
      steps: [
        ...crash,
        { send: '["1","3","<topic>","conformance",{}]' },
        { expect: '[null,"3","<topic>","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}]' },
        ...join,
        ...leave,
      ],
    },
  ],
};
