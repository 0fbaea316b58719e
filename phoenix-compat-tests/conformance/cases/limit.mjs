// Limits for one client (docs/protocol.md, 'Events' and 'Closing'). Phoenix limits channels since 1.8.9. Its messages
// may have 8 MB unless configured, and any depth: use --max-message-bytes, or skip this section.
const joins = Array.from({ length: 100 }, (_, index) => index + 1);
const joined = (ref) => `["${ref}","${ref}","<topic ${ref}>","phx_reply",{"status":"ok","response":<response>}]`;
const full = [
  ...joins.map((ref) => ({ send: `["${ref}","${ref}","<topic ${ref}>","phx_join",<params>]` })),
  { expectInAnyOrder: joins.map(joined) },
  { send: '["101","101","<topic 101>","phx_join",<params>]' },
  {
    expect:
      '["101","101","<topic 101>","phx_reply",{"status":"error","response":{"reason":"too many channels joined"}}]',
  },
];
const tooLong = "docs/protocol.md, 'Close codes': 1009";
const halfOfLimit = '[null,"1","phoenix","heartbeat",{"fill":"<fill limit>';

export default {
  name: "limit",
  transports: ["websocket"],
  cases: [
    {
      name: "the 101st channel is refused",
      source: "docs/protocol.md, 'Events' / websocket_channels_test.exs:329, since 1.8.9",
      transports: ["websocket", "long-poll"],
      needs: ["topic-pattern"],
      steps: full,
    },
    {
      name: "a leave makes room for another channel",
      source: "docs/protocol.md, 'Events' / websocket_channels_test.exs:329",
      needs: ["topic-pattern"],
      steps: [
        ...full,
        { send: '["1","200","<topic 1>","phx_leave",{}]' },
        { expect: '["1","200","<topic 1>","phx_reply",{"status":"ok","response":{}}]' },
        { expect: '["1","1","<topic 1>","phx_close",{}]' },
        { send: '["201","201","<topic 101>","phx_join",<params>]' },
        { expect: '["201","201","<topic 101>","phx_reply",{"status":"ok","response":<response>}]' },
      ],
    },
    {
      name: "a full socket can join a joined topic again",
      source: "docs/protocol.md, 'Joining': the last join wins",
      needs: ["topic-pattern"],
      steps: [
        ...full,
        { send: '["201","201","<topic 1>","phx_join",<params>]' },
        { expect: '["201","201","<topic 1>","phx_reply",{"status":"ok","response":<response>}]' },
        { expect: '["1","1","<topic 1>","phx_close",{}]' },
      ],
    },
    {
      name: "a message of the maximum length",
      source: tooLong,
      steps: [
        { send: '[null,"1","phoenix","heartbeat",{"fill":"<fill limit>"}]' },
        { expect: '[null,"1","phoenix","phx_reply",{"status":"ok","response":{}}]' },
      ],
    },
    {
      name: "a message of one byte too many",
      source: tooLong,
      steps: [{ send: '[null,"1","phoenix","heartbeat",{"fill":"<fill limit+1>"}]' }, { close: 1009 }],
    },
    {
      name: "fragments with one byte too many in sum",
      source: tooLong,
      steps: [
        { sendFrame: { opcode: 0x1, text: halfOfLimit, isFinal: false } },
        { sendFrame: { opcode: 0x0, text: "x", isFinal: false } },
        { close: 1009 },
      ],
    },
    {
      name: "an empty continuation that is not the last",
      source: "docs/protocol.md, 'Close codes': 1008, as Bandit",
      steps: [
        { sendFrame: { opcode: 0x1, text: "[", isFinal: false } },
        { sendFrame: { opcode: 0x0, isFinal: false } },
        { close: 1008 },
      ],
    },
    {
      name: "lists nested a thousand levels deep",
      source: "docs/protocol.md, 'Events': a malformed frame closes with 1011",
      steps: [
        { send: `[null,"1","phoenix","heartbeat",${"[".repeat(1000)}${"]".repeat(1000)}]` },
        { close: 1011 },
      ],
    },
  ],
};
