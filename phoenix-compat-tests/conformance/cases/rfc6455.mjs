// WebSocket frames (RFC 6455; the codes are Bandit's, docs/protocol.md, 'Close codes').
const TEXT = 0x1;
const CONTINUATION = 0x0;
const CLOSE = 0x8;
const PING = 0x9;
const PONG = 0xa;

const heartbeat = '[null,"1","phoenix","heartbeat",{}]';
const reply = { expect: '[null,"1","phoenix","phx_reply",{"status":"ok","response":{}}]' };
const fault = (name, source, ...frames) =>
  ({ name, source, steps: [...frames.map((sendFrame) => ({ sendFrame })), { close: 1002 }] });
const ofLength = (length) => ({
  name: `a message of ${length} bytes`,
  source: "RFC 6455 §5.2",
  steps: [{ send: `[null,"1","phoenix","heartbeat",{"fill":"<fill ${length}>"}]` }, reply],
});
// Bandit answers a good code with 1000, Cowboy with the code itself (RFC 6455 §5.5.1: "typically").
const closedBy = (name, bytes, close) => ({
  name,
  source: "docs/protocol.md, 'Close codes' / bandit connection.ex; RFC 6455 §7.4",
  steps: [{ sendFrame: { opcode: CLOSE, bytes } }, { close }],
});

export default {
  name: "rfc6455",
  transports: ["websocket"],
  cases: [
    ofLength(125),
    ofLength(126),
    ofLength(127),
    ofLength(65535),
    ofLength(65536),
    {
      name: "a message in three fragments",
      source: "RFC 6455 §5.4",
      steps: [
        { sendFrame: { opcode: TEXT, text: '[null,"1",', isFinal: false } },
        { sendFrame: { opcode: CONTINUATION, text: '"phoenix",', isFinal: false } },
        { sendFrame: { opcode: CONTINUATION, text: '"heartbeat",{}]' } },
        reply,
      ],
    },
    {
      name: "a message whose last fragment is empty",
      source: "RFC 6455 §5.4",
      steps: [
        { sendFrame: { opcode: TEXT, text: heartbeat, isFinal: false } },
        { sendFrame: { opcode: CONTINUATION } },
        reply,
      ],
    },
    {
      name: "a character split across two fragments",
      source: "RFC 6455 §5.6: only the whole message must be UTF-8",
      steps: [
        { sendFrame: { opcode: TEXT, text: '[null,"', bytes: "c3", isFinal: false } },
        { sendFrame: { opcode: CONTINUATION, bytes: "b8", isFinal: false } },
        { sendFrame: { opcode: CONTINUATION, text: '","phoenix","heartbeat",{}]' } },
        { expect: '[null,"ø","phoenix","phx_reply",{"status":"ok","response":{}}]' },
      ],
    },
    {
      name: "a ping is answered with its payload",
      source: "RFC 6455 §5.5.2",
      steps: [{ sendFrame: { opcode: PING, bytes: '"ping" 00 ff' } }, { expectPong: '"ping" 00 ff' }],
    },
    {
      name: "an empty ping is answered",
      source: "RFC 6455 §5.5.2",
      steps: [{ sendFrame: { opcode: PING } }, { expectPong: "" }],
    },
    {
      name: "a ping of 125 bytes is answered",
      source: "RFC 6455 §5.5: control frames have at most 125 bytes",
      steps: [{ sendFrame: { opcode: PING, bytes: '"<fill 125>"' } }, { expectPong: '"<fill 125>"' }],
    },
    {
      name: "a ping between fragments is answered at once",
      source: "RFC 6455 §5.4",
      steps: [
        { sendFrame: { opcode: TEXT, text: '[null,"1","phoenix",', isFinal: false } },
        { sendFrame: { opcode: PING, bytes: '"between"' } },
        { expectPong: '"between"' },
        { sendFrame: { opcode: CONTINUATION, text: '"heartbeat",{}]' } },
        reply,
      ],
    },
    {
      name: "an unsolicited pong is ignored",
      source: "RFC 6455 §5.5.3",
      steps: [{ sendFrame: { opcode: PONG, bytes: '"pong"' } }, { silence: true }],
    },
    fault("a frame without a mask", "RFC 6455 §5.1", { opcode: TEXT, text: heartbeat, isMasked: false }),
    fault("reserved bit 1, the mark of a compressed message", "RFC 6455 §5.2",
      { opcode: TEXT, text: heartbeat, reserved: 4 }),
    fault("reserved bit 2", "RFC 6455 §5.2", { opcode: TEXT, text: heartbeat, reserved: 2 }),
    fault("reserved bit 3", "RFC 6455 §5.2", { opcode: TEXT, text: heartbeat, reserved: 1 }),
    fault("the reserved opcode 3", "RFC 6455 §5.2", { opcode: 0x3, text: heartbeat }),
    fault("the reserved opcode 7", "RFC 6455 §5.2", { opcode: 0x7, text: heartbeat }),
    fault("the reserved opcode 11", "RFC 6455 §5.2", { opcode: 0xb }),
    fault("the reserved opcode 15", "RFC 6455 §5.2", { opcode: 0xf }),
    fault("a continuation without a first fragment", "RFC 6455 §5.4", { opcode: CONTINUATION, text: heartbeat }),
    fault("a message within another's fragments", "RFC 6455 §5.4",
      { opcode: TEXT, text: '[null,"1",', isFinal: false }, { opcode: TEXT, text: heartbeat }),
    fault("a fragmented ping", "RFC 6455 §5.5", { opcode: PING, bytes: '"ping"', isFinal: false }),
    fault("a ping of 126 bytes", "RFC 6455 §5.5", { opcode: PING, bytes: '"<fill 126>"' }),
    fault("a close frame of one byte", "RFC 6455 §5.5.1", { opcode: CLOSE, bytes: "03" }),
    {
      name: "a text that is not UTF-8",
      source: "RFC 6455 §8.1",
      steps: [{ sendFrame: { opcode: TEXT, text: '[null,"', bytes: "c3 28" } }, { close: 1007 }],
    },
    {
      name: "a text that ends within a character",
      source: "RFC 6455 §8.1",
      steps: [{ sendFrame: { opcode: TEXT, text: '[null,"', bytes: "c3" } }, { close: 1007 }],
    },
    {
      name: "an overlong encoding of a character",
      source: "RFC 6455 §8.1",
      steps: [{ sendFrame: { opcode: TEXT, text: '[null,"', bytes: "c0 af" } }, { close: 1007 }],
    },
    {
      name: "a surrogate in UTF-8",
      source: "RFC 6455 §8.1",
      steps: [{ sendFrame: { opcode: TEXT, text: '[null,"', bytes: "ed a0 80" } }, { close: 1007 }],
    },
    {
      name: "after its close frame is answered, the server ends the connection",
      source: "RFC 6455 §7.1.1",
      steps: [{ sendFrame: { opcode: 0x3 } }, { closeByServer: 1002 }],
    },
    closedBy("a client that closes with 1000 is answered with 1000", "03 e8", 1000),
    closedBy("a client that closes with a reason", '03 e8 "goodbye"', 1000),
    closedBy("a client that closes with 1001", "03 e9", [1000, 1001]),
    closedBy("a client that closes with 3000", "0b b8", [1000, 3000]),
    closedBy("a client that closes with 4999", "13 87", [1000, 4999]),
    closedBy("a client that closes with 999, which is not a valid code", "03 e7", 1002),
    closedBy("a client that closes with 1004, which is reserved", "03 ec", 1002),
    closedBy("a client that closes with 1005, which may not be sent", "03 ed", 1002),
    closedBy("a client that closes with 1006, which may not be sent", "03 ee", 1002),
    closedBy("a client that closes with 2999, which is reserved", "0b b7", 1002),
  ],
};
