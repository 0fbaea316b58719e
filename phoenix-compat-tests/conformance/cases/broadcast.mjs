// Pushes and broadcasts of the server (docs/protocol.md, 'Messages', 'Joining' and 'Broadcasts'): a push to one channel
// has its join_ref, a broadcast has none.
const join = [
  { send: '["1","1","<topic>","phx_join",<params>]' },
  { expect: '["1","1","<topic>","phx_reply",{"status":"ok","response":<response>}]' },
];
const leave = [
  { send: '["1","99","<topic>","phx_leave",{}]' },
  { expect: '["1","99","<topic>","phx_reply",{"status":"ok","response":{}}]' },
  { expect: '["1","1","<topic>","phx_close",{}]' },
];
const payload = '{"text":"blåbær ☕","number":1,"none":null,"list":[]}';
const joinV1 = [
  { send: '{"topic":"<topic>","event":"phx_join","payload":<params>,"ref":"1"}' },
  { expect: '{"topic":"<topic>","event":"phx_reply","payload":{"status":"ok","response":<response>},"ref":"1"}' },
];
const okV1 = '{"topic":"<topic>","event":"phx_reply","payload":{"status":"ok","response":<any>},"ref":"2"}';

export default {
  name: "broadcast",
  transports: ["websocket", "long-poll"],
  cases: [
    {
      name: "a push carries the join_ref, and no ref",
      source: "docs/protocol.md, 'V2'",
      needs: ["push-event"],
      steps: [
        ...join,
        { send: `["1","2","<topic>","<push>",${payload}]` },
        {
          expectInAnyOrder: [
            '["1","2","<topic>","phx_reply",{"status":"ok","response":<any>}]',
            `["1",null,"<topic>","<pushed>",${payload}]`,
          ],
        },
        ...leave,
      ],
    },
    {
      name: "after a join without a join_ref, a push carries the join's ref",
      source: "docs/protocol.md, 'Joining' / channel/server.ex join: join_ref || ref",
      needs: ["push-event"],
      steps: [
        { send: '[null,"1","<topic>","phx_join",<params>]' },
        { expect: '[null,"1","<topic>","phx_reply",{"status":"ok","response":<response>}]' },
        { send: `[null,"2","<topic>","<push>",${payload}]` },
        {
          expectInAnyOrder: [
            '["1","2","<topic>","phx_reply",{"status":"ok","response":<any>}]',
            `["1",null,"<topic>","<pushed>",${payload}]`,
          ],
        },
      ],
    },
    {
      name: "a broadcast carries neither join_ref nor ref",
      source: "docs/protocol.md, 'V2'; docs/protocol.md, 'Joining': broadcasts use null",
      needs: ["broadcast-event"],
      steps: [
        ...join,
        { send: `["1","2","<topic>","<broadcast>",${payload}]` },
        {
          expectInAnyOrder: [
            '["1","2","<topic>","phx_reply",{"status":"ok","response":<any>}]',
            `[null,null,"<topic>","<broadcasted>",${payload}]`,
          ],
        },
        ...leave,
      ],
    },
    {
      name: "V1: a push carries no ref",
      source: "docs/protocol.md, 'V1'",
      vsn: "1.0.0",
      needs: ["push-event"],
      steps: [
        ...joinV1,
        { send: `{"topic":"<topic>","event":"<push>","payload":${payload},"ref":"2"}` },
        { expectInAnyOrder: [okV1, `{"topic":"<topic>","event":"<pushed>","payload":${payload},"ref":null}`] },
      ],
    },
    {
      name: "V1: a broadcast carries no ref",
      source: "docs/protocol.md, 'V1'",
      vsn: "1.0.0",
      needs: ["broadcast-event"],
      steps: [
        ...joinV1,
        { send: `{"topic":"<topic>","event":"<broadcast>","payload":${payload},"ref":"2"}` },
        { expectInAnyOrder: [okV1, `{"topic":"<topic>","event":"<broadcasted>","payload":${payload},"ref":null}`] },
      ],
    },
  ],
};
