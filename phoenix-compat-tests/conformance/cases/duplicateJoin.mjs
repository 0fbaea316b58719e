// Joins of a topic that is already joined: the last join wins (docs/protocol.md, 'Joining'; phoenix@167c469 socket.ex
// handle_in phx_join).
const source = "docs/protocol.md, 'Joining' / websocket_channels_test.exs:802";
const leave = [
  { send: '["9","10","<topic>","phx_leave",{}]' },
  { expect: '["9","10","<topic>","phx_reply",{"status":"ok","response":{}}]' },
  { expect: '["9","9","<topic>","phx_close",{}]' },
];
const joinTwice = [
  { send: '["1","1","<topic>","phx_join",<params>]' },
  { expect: '["1","1","<topic>","phx_reply",{"status":"ok","response":<response>}]' },
  { send: '["9","9","<topic>","phx_join",<params>]' },
  { expect: '["9","9","<topic>","phx_reply",{"status":"ok","response":<response>}]' },
  { expect: '["1","1","<topic>","phx_close",{}]' },
];

export default {
  name: "duplicate-join",
  transports: ["websocket", "long-poll"],
  cases: [
    { name: "the new reply, then phx_close under the old join_ref", source, steps: [...joinTwice, ...leave] },
    {
      name: "in one burst",
      source,
      steps: [
        { send: '["1","1","<topic>","phx_join",<params>]' },
        { send: '["9","9","<topic>","phx_join",<params>]' },
        { expect: '["1","1","<topic>","phx_reply",{"status":"ok","response":<response>}]' },
        { expect: '["9","9","<topic>","phx_reply",{"status":"ok","response":<response>}]' },
        { expect: '["1","1","<topic>","phx_close",{}]' },
        ...leave,
      ],
    },
    {
      name: "three times",
      source,
      steps: [
        { send: '["1","1","<topic>","phx_join",<params>]' },
        { send: '["5","5","<topic>","phx_join",<params>]' },
        { send: '["9","9","<topic>","phx_join",<params>]' },
        { expect: '["1","1","<topic>","phx_reply",{"status":"ok","response":<response>}]' },
        { expect: '["5","5","<topic>","phx_reply",{"status":"ok","response":<response>}]' },
        { expect: '["1","1","<topic>","phx_close",{}]' },
        { expect: '["9","9","<topic>","phx_reply",{"status":"ok","response":<response>}]' },
        { expect: '["5","5","<topic>","phx_close",{}]' },
        ...leave,
      ],
    },
    {
      name: "a leave of the old join gets no answer, and the new one stays",
      source: "docs/protocol.md, 'Events': the client has raced a server close",
      steps: [...joinTwice, { send: '["1","2","<topic>","phx_leave",{}]' }, { silence: true }, ...leave],
    },
    {
      name: "a push of the old join is dropped, and the new one stays",
      source: "docs/protocol.md, 'Events': a stale join_ref is dropped, since 1.8.3",
      steps: [...joinTwice, { send: '["1","2","<topic>","conformance",{}]' }, { silence: true }, ...leave],
    },
    {
      name: "under the same join_ref",
      source,
      steps: [
        { send: '["9","1","<topic>","phx_join",<params>]' },
        { expect: '["9","1","<topic>","phx_reply",{"status":"ok","response":<response>}]' },
        { send: '["9","2","<topic>","phx_join",<params>]' },
        { expect: '["9","2","<topic>","phx_reply",{"status":"ok","response":<response>}]' },
        { expect: '["9","9","<topic>","phx_close",{}]' },
        ...leave,
      ],
    },
    {
      name: "without join_refs: phx_close has none either",
      source: "docs/protocol.md, 'Joining': with a null join_ref phx_close has null",
      steps: [
        { send: '[null,"1","<topic>","phx_join",<params>]' },
        { expect: '[null,"1","<topic>","phx_reply",{"status":"ok","response":<response>}]' },
        { send: '[null,"2","<topic>","phx_join",<params>]' },
        { expect: '[null,"2","<topic>","phx_reply",{"status":"ok","response":<response>}]' },
        { expect: '[null,null,"<topic>","phx_close",{}]' },
        { send: '[null,"3","<topic>","phx_leave",{}]' },
        { expect: '["2","3","<topic>","phx_reply",{"status":"ok","response":{}}]' },
        { expect: '[null,null,"<topic>","phx_close",{}]' },
      ],
    },
  ],
};
