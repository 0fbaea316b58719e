// The object frames of vsn 1.0.x and of clients that send no version (docs/protocol.md, 'V1'; phoenix@167c469
// v1_json_serializer.ex).
const source = "docs/protocol.md, 'V1' / v1_json_serializer.ex";
const echo = "docs/protocol.md, 'Refs': refs are echoed exactly as they were sent";
const closes = (name, sent) => ({ name, source, transports: ["websocket"], steps: [{ send: sent }, { close: 1011 }] });
const join = [
  { send: '{"topic":"<topic>","event":"phx_join","payload":<params>,"ref":"1"}' },
  { expect: '{"topic":"<topic>","event":"phx_reply","payload":{"status":"ok","response":<response>},"ref":"1"}' },
];
const leave = [
  { send: '{"topic":"<topic>","event":"phx_leave","payload":{},"ref":"9"}' },
  { expect: '{"topic":"<topic>","event":"phx_reply","payload":{"status":"ok","response":{}},"ref":"9"}' },
  { expect: '{"topic":"<topic>","event":"phx_close","payload":{},"ref":null}' },
];
const heartbeat = (name, sent, ref, from = source) => ({
  name,
  source: from,
  steps: [
    { send: sent },
    { expect: `{"topic":"phoenix","event":"phx_reply","payload":{"status":"ok","response":{}},"ref":${ref}}` },
  ],
});
const unmatched = '{"topic":"<unmatched>","event":"phx_reply",' +
  '"payload":{"status":"error","response":{"reason":"unmatched topic"}},"ref":"1"}';

export default {
  name: "v1",
  vsn: "1.0.0",
  transports: ["websocket", "long-poll"],
  cases: [
    heartbeat("a heartbeat", '{"topic":"phoenix","event":"heartbeat","payload":{},"ref":"1"}', '"1"'),
    heartbeat("a number stays a number", '{"topic":"phoenix","event":"heartbeat","payload":{},"ref":1}', "1", echo),
    heartbeat("members in any order", '{"ref":"1","payload":{},"event":"heartbeat","topic":"phoenix"}', '"1"'),
    heartbeat("further members are ignored",
      '{"topic":"phoenix","event":"heartbeat","payload":{},"ref":"1","more":{"event":"x"}}', '"1"'),
    heartbeat("a join_ref is not sent back",
      '{"topic":"phoenix","event":"heartbeat","payload":{},"ref":"1","join_ref":"7"}', '"1"'),
    {
      name: "join and leave without a join_ref: phx_close has no ref",
      source: "docs/protocol.md, 'Joining': with a null join_ref phx_close has null",
      steps: [...join, { silence: true }, ...leave],
    },
    {
      name: "join and leave with a join_ref: the server returns it only as the ref of phx_close",
      source: "docs/protocol.md, 'V1': never join_ref; docs/protocol.md, 'Events': ref == join_ref",
      steps: [
        { send: '{"topic":"<topic>","event":"phx_join","payload":<params>,"ref":"1","join_ref":"1"}' },
        { expect: '{"topic":"<topic>","event":"phx_reply","payload":{"status":"ok","response":<response>},"ref":"1"}' },
        { send: '{"topic":"<topic>","event":"phx_leave","payload":{},"ref":"2","join_ref":"1"}' },
        { expect: '{"topic":"<topic>","event":"phx_reply","payload":{"status":"ok","response":{}},"ref":"2"}' },
        { expect: '{"topic":"<topic>","event":"phx_close","payload":{},"ref":"1"}' },
      ],
    },
    {
      name: "a leave under another join_ref gets no answer",
      source: "docs/protocol.md, 'Events': the client has raced a server close",
      steps: [
        { send: '{"topic":"<topic>","event":"phx_join","payload":<params>,"ref":"1","join_ref":"1"}' },
        { expect: '{"topic":"<topic>","event":"phx_reply","payload":{"status":"ok","response":<response>},"ref":"1"}' },
        { send: '{"topic":"<topic>","event":"phx_leave","payload":{},"ref":"2","join_ref":"0"}' },
        { silence: true },
        { send: '{"topic":"<topic>","event":"phx_leave","payload":{},"ref":"3","join_ref":"1"}' },
        { expect: '{"topic":"<topic>","event":"phx_reply","payload":{"status":"ok","response":{}},"ref":"3"}' },
        { expect: '{"topic":"<topic>","event":"phx_close","payload":{},"ref":"1"}' },
      ],
    },
    {
      name: "a duplicate join: the new reply, then phx_close with the old join_ref",
      source: "docs/protocol.md, 'Joining' / websocket_channels_test.exs:802",
      steps: [
        { send: '{"topic":"<topic>","event":"phx_join","payload":<params>,"ref":"1","join_ref":"1"}' },
        { expect: '{"topic":"<topic>","event":"phx_reply","payload":{"status":"ok","response":<response>},"ref":"1"}' },
        { send: '{"topic":"<topic>","event":"phx_join","payload":<params>,"ref":"2","join_ref":"2"}' },
        { expect: '{"topic":"<topic>","event":"phx_reply","payload":{"status":"ok","response":<response>},"ref":"2"}' },
        { expect: '{"topic":"<topic>","event":"phx_close","payload":{},"ref":"1"}' },
      ],
    },
    {
      name: "a duplicate join without join_refs: phx_close has no ref",
      source: "docs/protocol.md, 'Joining': with a null join_ref phx_close has null",
      steps: [
        ...join,
        { send: '{"topic":"<topic>","event":"phx_join","payload":<params>,"ref":"2"}' },
        { expect: '{"topic":"<topic>","event":"phx_reply","payload":{"status":"ok","response":<response>},"ref":"2"}' },
        { expect: '{"topic":"<topic>","event":"phx_close","payload":{},"ref":null}' },
        ...leave,
      ],
    },
    {
      name: "an unmatched topic is refused",
      source: "docs/protocol.md, 'Events' / websocket_channels_test.exs:848",
      steps: [{ send: '{"topic":"<unmatched>","event":"phx_join","payload":{},"ref":"1"}' }, { expect: unmatched }],
    },
    {
      name: "a push to a topic that is not joined is refused",
      source: "docs/protocol.md, 'Events' / websocket_channels_test.exs:723",
      steps: [{ send: '{"topic":"<unmatched>","event":"conformance","payload":{},"ref":"1"}' }, { expect: unmatched }],
    },
    {
      name: "leaving a topic that is not joined succeeds",
      source: "docs/protocol.md, 'Events' / socket.ex handle_in(nil, phx_leave)",
      steps: [
        { send: '{"topic":"<topic>","event":"phx_leave","payload":{},"ref":"1"}' },
        { expect: '{"topic":"<topic>","event":"phx_reply","payload":{"status":"ok","response":{}},"ref":"1"}' },
      ],
    },
    {
      name: "a push and its reply",
      source: "docs/protocol.md, 'Events': {:reply, {:ok, payload}}",
      needs: ["echo-event"],
      steps: [
        ...join,
        { send: '{"topic":"<topic>","event":"<echo>","payload":{"body":"hello"},"ref":"2"}' },
        {
          expect:
            '{"topic":"<topic>","event":"phx_reply","payload":{"status":"ok","response":{"body":"hello"}},"ref":"2"}',
        },
        ...leave,
      ],
    },
    {
      name: "a crash: phx_error with the join_ref as its ref, here none",
      source: "docs/protocol.md, 'Events' / websocket_channels_test.exs:670",
      needs: ["crash-event"],
      steps: [
        ...join,
        { send: '{"topic":"<topic>","event":"<crash>","payload":{},"ref":"2"}' },
        { expect: '{"topic":"<topic>","event":"phx_error","payload":{"reason":"channel_crash"},"ref":null}' },
      ],
    },
    {
      name: "JSON in a binary frame works",
      source: "docs/protocol.md, 'V1': the opcode is ignored",
      transports: ["websocket"],
      steps: [
        { sendFrame: { opcode: 0x2, text: '{"topic":"phoenix","event":"heartbeat","payload":{},"ref":"1"}' } },
        { expect: '{"topic":"phoenix","event":"phx_reply","payload":{"status":"ok","response":{}},"ref":"1"}' },
      ],
    },
    {
      name: "other bytes in a binary frame",
      source: "docs/protocol.md, 'V1': the opcode is ignored",
      transports: ["websocket"],
      steps: [{ sendBinary: "00 01 02 03" }, { close: 1011 }],
    },
    closes("a message without a topic", '{"event":"heartbeat","payload":{},"ref":"1"}'),
    closes("a message without an event", '{"topic":"phoenix","payload":{},"ref":"1"}'),
    closes("a message without a payload", '{"topic":"phoenix","event":"heartbeat","ref":"1"}'),
    closes("a message without a ref", '{"topic":"phoenix","event":"heartbeat","payload":{}}'),
    closes("a list, the format of V2", '[null,"1","phoenix","heartbeat",{}]'),
    closes("a text that is not JSON", "hello"),
    closes("an empty message", ""),
    closes("a string", '"heartbeat"'),
    closes("characters after the message", '{"topic":"phoenix","event":"heartbeat","payload":{},"ref":"1"}{}'),
  ],
};
