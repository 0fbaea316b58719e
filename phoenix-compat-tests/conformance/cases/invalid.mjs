// A malformed message closes its socket with 1011 (docs/protocol.md, 'Events' and 'Closing'; Phoenix raises in the
// socket process).
const source = "docs/protocol.md, 'Events': a malformed frame closes with 1011";
const closes = (name, sent) => ({ name, source, steps: [{ send: sent }, { close: 1011 }] });

export default {
  name: "invalid",
  transports: ["websocket"],
  cases: [
    closes("an empty message", ""),
    closes("a text that is not JSON", "hello"),
    closes("half of a message", '[null,"1","phoenix","heartbeat",{'),
    closes("characters after the message", '[null,"1","phoenix","heartbeat",{}]]'),
    closes("two messages in one frame",
      '[null,"1","phoenix","heartbeat",{}][null,"2","phoenix","heartbeat",{}]'),
    closes("a trailing comma", '[null,"1","phoenix","heartbeat",{},]'),
    closes("single quotes", "[null,'1','phoenix','heartbeat',{}]"),
    closes("a number with a leading zero", '[null,01,"phoenix","heartbeat",{}]'),
    closes("NaN", '[null,"1","phoenix","heartbeat",NaN]'),
    closes("half of a surrogate pair", String.raw`[null,"1","phoenix","heartbeat","\ud83d"]`),
    closes("a control character in a string", '[null,"1","phoenix","heartbeat","\t"]'),
    closes("an object, the format of V1", '{"topic":"phoenix","event":"heartbeat","payload":{},"ref":"1"}'),
    closes("null", "null"),
    closes("a number", "1"),
    closes("a string", '"heartbeat"'),
    closes("an empty list", "[]"),
    closes("a message of four elements", '[null,"1","phoenix","heartbeat"]'),
    {
      name: "a socket closes with its channels, without a message about them",
      source,
      steps: [
        { send: '["1","1","<topic>","phx_join",<params>]' },
        { expect: '["1","1","<topic>","phx_reply",{"status":"ok","response":<response>}]' },
        { send: '["1"' },
        { close: 1011 },
      ],
    },
    {
      name: "earlier messages are answered",
      source,
      steps: [
        { send: '[null,"1","phoenix","heartbeat",{}]' },
        { send: "rubbish" },
        { expect: '[null,"1","phoenix","phx_reply",{"status":"ok","response":{}}]' },
        { close: 1011 },
      ],
    },
  ],
};
