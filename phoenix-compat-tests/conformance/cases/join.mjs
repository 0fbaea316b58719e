// Replies to joins (docs/protocol.md, 'Events' and 'Joining'; phoenix@167c469 socket.ex handle_in
// phx_join).
const source = "docs/protocol.md, 'Events' / socket.ex handle_in phx_join";
const echo = "docs/protocol.md, 'Refs': refs are echoed exactly as they were sent";
const joined = (name, joinRef, ref, from = echo) => ({
  name,
  source: from,
  steps: [
    { send: `[${joinRef},${ref},"<topic>","phx_join",<params>]` },
    { expect: `[${joinRef},${ref},"<topic>","phx_reply",{"status":"ok","response":<response>}]` },
    { silence: true },
    { send: `[${joinRef},"leave","<topic>","phx_leave",{}]` },
    { expect: `[${joinRef},"leave","<topic>","phx_reply",{"status":"ok","response":{}}]` },
    { expect: `[${joinRef},${joinRef},"<topic>","phx_close",{}]` },
  ],
});
const unmatched = (name, sent, ref, topic, from = source) => ({
  name,
  source: from,
  steps: [
    { send: sent },
    { expect: `[null,${ref},"${topic}","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}]` },
  ],
});

export default {
  name: "join",
  transports: ["websocket", "long-poll"],
  cases: [
    joined("a join is answered under its join_ref and ref, before anything else of the channel", '"1"', '"1"', source),
    joined("join_ref and ref may differ", '"4"', '"9"', source),
    joined("numbers stay numbers", "1", "1"),
    joined("a number beside a string", "1", '"1"'),
    joined("numbers no double can hold keep their digits", "9007199254740993", "18446744073709551617"),
    joined("refs of any characters", String.raw`"ø\"\\"`, '"☕"'),
    joined("the empty text is a ref", '""', '""'),
    {
      name: "without a join_ref: the reply has none, the channel uses the join's ref, its phx_close has none",
      source: "docs/protocol.md, 'Joining' / channel/server.ex join: join_ref || ref",
      steps: [
        { send: '[null,"1","<topic>","phx_join",<params>]' },
        { expect: '[null,"1","<topic>","phx_reply",{"status":"ok","response":<response>}]' },
        { send: '[null,"2","<topic>","phx_leave",{}]' },
        { expect: '["1","2","<topic>","phx_reply",{"status":"ok","response":{}}]' },
        { expect: '[null,null,"<topic>","phx_close",{}]' },
      ],
    },
    {
      name: "further elements are ignored",
      source: "docs/protocol.md, 'V2'",
      steps: [
        { send: '["1","1","<topic>","phx_join",<params>,"more"]' },
        { expect: '["1","1","<topic>","phx_reply",{"status":"ok","response":<response>}]' },
        { send: '["1","2","<topic>","phx_leave",{},"more"]' },
        { expect: '["1","2","<topic>","phx_reply",{"status":"ok","response":{}}]' },
        { expect: '["1","1","<topic>","phx_close",{}]' },
      ],
    },
    {
      name: "a joined topic does not delay the heartbeat",
      source: "docs/protocol.md, 'Events': the heartbeat is matched before all else",
      steps: [
        { send: '["1","1","<topic>","phx_join",<params>]' },
        { send: '[null,"2","phoenix","heartbeat",{}]' },
        {
          expectInAnyOrder: [
            '["1","1","<topic>","phx_reply",{"status":"ok","response":<response>}]',
            '[null,"2","phoenix","phx_reply",{"status":"ok","response":{}}]',
          ],
        },
      ],
    },
    unmatched("an unmatched topic is refused with join_ref null", '["1","1","<unmatched>","phx_join",{}]', '"1"',
      "<unmatched>", "docs/protocol.md, 'Events' / websocket_channels_test.exs:848"),
    unmatched("the refusal echoes a number as a number", '[1,2,"<unmatched>","phx_join",{}]', "2", "<unmatched>", echo),
    unmatched("the refusal echoes the topic in any script", '["1","1","<unmatched>/blåbær ☕","phx_join",{}]', '"1"',
      "<unmatched>/blåbær ☕"),
    unmatched("the empty topic is unmatched", '["1","1","","phx_join",{}]', '"1"', ""),
    {
      name: "a refused topic is not joined, and the join can be repeated",
      source,
      steps: [
        { send: '["1","1","<unmatched>","phx_join",{}]' },
        { expect: '[null,"1","<unmatched>","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}]' },
        { send: '["1","2","<unmatched>","conformance",{}]' },
        { expect: '[null,"2","<unmatched>","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}]' },
        { send: '["3","3","<unmatched>","phx_join",{}]' },
        { expect: '[null,"3","<unmatched>","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}]' },
      ],
    },
  ],
};
