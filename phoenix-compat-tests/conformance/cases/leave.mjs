// Leaving a topic (docs/protocol.md, 'Events'; phoenix@167c469 socket.ex handle_in phx_leave, channel/server.ex).
const source = "docs/protocol.md, 'Events' / channel/server.ex phx_leave";
const join = [
  { send: '["1","1","<topic>","phx_join",<params>]' },
  { expect: '["1","1","<topic>","phx_reply",{"status":"ok","response":<response>}]' },
];
const leave = [
  { send: '["1","2","<topic>","phx_leave",{}]' },
  { expect: '["1","2","<topic>","phx_reply",{"status":"ok","response":{}}]' },
  { expect: '["1","1","<topic>","phx_close",{}]' },
];
const ignored = (name, sent, from = "docs/protocol.md, 'Events': the client has raced a server close") =>
  ({ name, source: from, steps: [...join, { send: sent }, { silence: true }, ...leave] });

export default {
  name: "leave",
  transports: ["websocket", "long-poll"],
  cases: [
    { name: "the reply, then phx_close with the join_ref as its ref", source, steps: [...join, ...leave] },
    {
      name: "a number stays a number",
      source: "docs/protocol.md, 'Refs': refs are echoed exactly as they were sent",
      steps: [
        ...join,
        { send: '["1",2,"<topic>","phx_leave",{}]' },
        { expect: '["1",2,"<topic>","phx_reply",{"status":"ok","response":{}}]' },
        { expect: '["1","1","<topic>","phx_close",{}]' },
      ],
    },
    {
      name: "a leave without a join_ref counts, and is answered under the channel's",
      source: "docs/protocol.md, 'Events' / long_poll_channels_test.exs:852, since 1.8.12",
      steps: [
        ...join,
        { send: '[null,"2","<topic>","phx_leave",{}]' },
        { expect: '["1","2","<topic>","phx_reply",{"status":"ok","response":{}}]' },
        { expect: '["1","1","<topic>","phx_close",{}]' },
      ],
    },
    {
      name: "after a leave, the topic is not joined",
      source: "docs/protocol.md, 'Events': not joined",
      steps: [
        ...join,
        ...leave,
        { send: '["1","3","<topic>","conformance",{}]' },
        { expect: '[null,"3","<topic>","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}]' },
        { send: '["1","4","<topic>","phx_leave",{}]' },
        { expect: '["1","4","<topic>","phx_reply",{"status":"ok","response":{}}]' },
      ],
    },
    {
      name: "after a leave, the topic can be joined again",
      source,
      steps: [
        ...join,
        ...leave,
        { send: '["3","3","<topic>","phx_join",<params>]' },
        { expect: '["3","3","<topic>","phx_reply",{"status":"ok","response":<response>}]' },
        { send: '["3","4","<topic>","phx_leave",{}]' },
        { expect: '["3","4","<topic>","phx_reply",{"status":"ok","response":{}}]' },
        { expect: '["3","3","<topic>","phx_close",{}]' },
      ],
    },
    ignored("a leave under another join_ref gets no answer", '["0","5","<topic>","phx_leave",{}]'),
    ignored("as a join_ref, a number differs from a string of the same digits", '[1,"5","<topic>","phx_leave",{}]'),
    {
      name: "leaving a topic that is not joined succeeds, and its join_ref is echoed",
      source: "docs/protocol.md, 'Events' / socket.ex handle_in(nil, phx_leave)",
      steps: [
        { send: '["7","8","<topic>","phx_leave",{}]' },
        { expect: '["7","8","<topic>","phx_reply",{"status":"ok","response":{}}]' },
        { send: '[7,8,"<unmatched>","phx_leave",{}]' },
        { expect: '[7,8,"<unmatched>","phx_reply",{"status":"ok","response":{}}]' },
        { send: '[null,"9","<topic>","phx_leave",{}]' },
        { expect: '[null,"9","<topic>","phx_reply",{"status":"ok","response":{}}]' },
      ],
    },
  ],
};
