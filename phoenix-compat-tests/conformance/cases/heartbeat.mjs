// The topic "phoenix" belongs to the socket, not to a channel (docs/protocol.md, 'Events'; phoenix@167c469 socket.ex,
// the first handle_in).
const source = "docs/protocol.md, 'Events' / socket.ex handle_in heartbeat";
const echo = "docs/protocol.md, 'Refs': the ref is echoed exactly as it was sent";
const answered = (name, sent, ref, from = source, transports = undefined) => ({
  name,
  source: from,
  transports,
  steps: [{ send: sent }, { expect: `[null,${ref},"phoenix","phx_reply",{"status":"ok","response":{}}]` }],
});

export default {
  name: "heartbeat",
  transports: ["websocket", "long-poll"],
  cases: [
    answered("a heartbeat is answered with its ref", '[null,"1","phoenix","heartbeat",{}]', '"1"'),
    answered("a join_ref is not echoed", '["7","1","phoenix","heartbeat",{}]', '"1"'),
    answered("a number stays a number", '[null,1,"phoenix","heartbeat",{}]', "1", echo),
    answered("a number no double can hold keeps its digits",
      '[null,9007199254740993,"phoenix","heartbeat",{}]', "9007199254740993", echo),
    answered("a string of digits stays a string", '[null,"007","phoenix","heartbeat",{}]', '"007"', echo),
    answered("no ref stays no ref", '[null,null,"phoenix","heartbeat",{}]', "null", echo),
    answered("a ref of any characters", String.raw`[null,"å \"\\ \u2028 ☕","phoenix","heartbeat",{}]`,
      String.raw`"å \"\\ \u2028 ☕"`, echo),
    answered("the payload may be null", '[null,"1","phoenix","heartbeat",null]', '"1"'),
    answered("the payload may be a list", '[null,"1","phoenix","heartbeat",[1,"a",{}]]', '"1"'),
    answered("the payload may be a text", '[null,"1","phoenix","heartbeat","payload"]', '"1"'),
    answered("further elements are ignored", '[null,"1","phoenix","heartbeat",{},"more",{"even":"more"}]', '"1"',
      "docs/protocol.md, 'V2'"),
    // Over long-poll, a line that does not begin with "[" is binary.
    answered("white space is ignored", ' [ null , "1" , "phoenix" , "heartbeat" , { } ] ', '"1"',
      source, ["websocket"]),
    answered("escaped letters are letters",
      String.raw`[null,"1","\u0070hoenix","h\u0065artbeat",{}]`, '"1"'),
    {
      name: "heartbeats are answered one by one, in order",
      source,
      steps: [
        { send: '[null,"1","phoenix","heartbeat",{}]' },
        { send: '[null,"2","phoenix","heartbeat",{}]' },
        { send: '[null,"3","phoenix","heartbeat",{}]' },
        { expect: '[null,"1","phoenix","phx_reply",{"status":"ok","response":{}}]' },
        { expect: '[null,"2","phoenix","phx_reply",{"status":"ok","response":{}}]' },
        { expect: '[null,"3","phoenix","phx_reply",{"status":"ok","response":{}}]' },
      ],
    },
    {
      name: "another event on the topic phoenix is unmatched",
      source: "docs/protocol.md, 'Events': heartbeat matches by topic and event",
      steps: [
        { send: '[null,"1","phoenix","conformance",{}]' },
        { expect: '[null,"1","phoenix","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}]' },
      ],
    },
    {
      name: "the topic phoenix cannot be joined",
      source: "docs/protocol.md, 'Events': heartbeat matches by topic and event",
      steps: [
        { send: '["1","1","phoenix","phx_join",{}]' },
        { expect: '[null,"1","phoenix","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}]' },
      ],
    },
    {
      name: "a heartbeat on another topic is unmatched",
      source: "docs/protocol.md, 'Events': heartbeat matches by topic and event",
      steps: [
        { send: '[null,"1","<unmatched>","heartbeat",{}]' },
        { expect: '[null,"1","<unmatched>","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}]' },
      ],
    },
  ],
};
