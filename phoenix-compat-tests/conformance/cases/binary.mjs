// The binary frames of V2 (docs/protocol.md, 'Binary'; phoenix@167c469 v2_json_serializer.ex and its test). Sizes are
// in UTF-8 bytes.
//   client push   00 | joinRefLen refLen topicLen eventLen  | joinRef ref topic event  | data
//   server push   00 | joinRefLen topicLen eventLen         | joinRef topic event      | data
//   broadcast     02 | topicLen eventLen                    | topic event              | data
//   server reply  01 | joinRefLen refLen topicLen statusLen | joinRef ref topic status | data
const source = "docs/protocol.md, 'Binary' / v2_json_serializer_test.exs:239";
const closes = (name, sent) =>
  ({
    name,
    source: "docs/protocol.md, 'Binary': the server accepts only kind 0",
    steps: [{ sendBinary: sent }, { close: 1011 }],
  });
const join = [
  { send: '["12","12","<topic>","phx_join",<params>]' },
  { expect: '["12","12","<topic>","phx_reply",{"status":"ok","response":<response>}]' },
];
const leave = [
  { send: '["12","99","<topic>","phx_leave",{}]' },
  { expect: '["12","99","<topic>","phx_reply",{"status":"ok","response":{}}]' },
  { expect: '["12","12","<topic>","phx_close",{}]' },
];
const echoed = (name, data) => ({
  name,
  source: "docs/protocol.md, 'Binary' / v2_json_serializer_test.exs:189",
  needs: ["echo-event"],
  steps: [
    ...join,
    { sendBinary: `00 02 03 #"<topic>" #"<echo>" "12" "123" "<topic>" "<echo>" ${data}` },
    { expectBinary: `01 02 03 #"<topic>" 02 "12" "123" "<topic>" "ok" ${data}` },
    ...leave,
  ],
});

export default {
  name: "binary",
  transports: ["websocket"],
  cases: [
    {
      name: "a heartbeat in a binary frame is answered with a text",
      source,
      transports: ["websocket", "long-poll"],
      steps: [
        { sendBinary: '00 00 01 07 09 "1" "phoenix" "heartbeat" "{}"' },
        { expect: '[null,"1","phoenix","phx_reply",{"status":"ok","response":{}}]' },
      ],
    },
    {
      name: "data may be empty",
      source,
      transports: ["websocket", "long-poll"],
      steps: [
        { sendBinary: '00 00 01 07 09 "1" "phoenix" "heartbeat"' },
        { expect: '[null,"1","phoenix","phx_reply",{"status":"ok","response":{}}]' },
      ],
    },
    {
      name: "a push to a topic that is not joined is refused with a text",
      source: "docs/protocol.md, 'Events' / websocket_channels_test.exs:723",
      transports: ["websocket", "long-poll"],
      steps: [
        { sendBinary: '00 02 03 #"<unmatched>" 05 "12" "123" "<unmatched>" "event" 65 66 67' },
        { expect: '[null,"123","<unmatched>","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}]' },
      ],
    },
    {
      name: "sizes count UTF-8 bytes, not letters",
      source: "docs/protocol.md, 'Binary': lengths in UTF-8 bytes",
      transports: ["websocket", "long-poll"],
      steps: [
        { sendBinary: '00 00 #"☕" #"<unmatched>/blåbær" #"ø" "☕" "<unmatched>/blåbær" "ø" 00 ff' },
        {
          expect:
            '[null,"☕","<unmatched>/blåbær","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}]',
        },
      ],
    },
    {
      name: "a field of 255 bytes",
      source: "docs/protocol.md, 'Binary': lengths up to 255",
      steps: [
        { sendBinary: '00 00 ff 07 09 "<fill 255>" "phoenix" "heartbeat"' },
        {
          expect: `[null,"${"x".repeat(255)}","phoenix","phx_reply",{"status":"ok","response":{}}]`,
        },
      ],
    },
    echoed("a push is answered with a binary reply", "65 66 67"),
    echoed("data of any bytes", '00 ff fe 80 c3 28 22 5c "å"'),
    echoed("no data", ""),
    {
      name: "a server's push has a header of four bytes, and no ref",
      source: "docs/protocol.md, 'Binary' / v2_json_serializer_test.exs:130",
      needs: ["push-event"],
      steps: [
        ...join,
        { sendBinary: '00 02 03 #"<topic>" #"<push>" "12" "123" "<topic>" "<push>" 65 66 67' },
        {
          expectInAnyOrder: [
            '["12","123","<topic>","phx_reply",{"status":"ok","response":<any>}]',
            { binary: '00 02 #"<topic>" #"<pushed>" "12" "<topic>" "<pushed>" 65 66 67' },
          ],
        },
        ...leave,
      ],
    },
    {
      name: "a broadcast has a header of three bytes, and no refs",
      source: "docs/protocol.md, 'Binary' / v2_json_serializer_test.exs:211",
      needs: ["broadcast-event"],
      steps: [
        ...join,
        { sendBinary: '00 02 03 #"<topic>" #"<broadcast>" "12" "123" "<topic>" "<broadcast>" 65 66 67' },
        {
          expectInAnyOrder: [
            '["12","123","<topic>","phx_reply",{"status":"ok","response":<any>}]',
            { binary: '02 #"<topic>" #"<broadcasted>" "<topic>" "<broadcasted>" 65 66 67' },
          ],
        },
        ...leave,
      ],
    },
    {
      name: "a push under another join_ref is dropped",
      source: "docs/protocol.md, 'Events': a stale join_ref is dropped, since 1.8.3",
      steps: [
        ...join,
        { sendBinary: '00 02 03 #"<topic>" 05 "11" "123" "<topic>" "event" 65 66 67' },
        { silence: true },
        ...leave,
      ],
    },
    closes("an empty message", ""),
    closes("a reply, which only servers send", '01 02 03 05 02 "12" "123" "topic" "ok" 65 66 67'),
    closes("a broadcast, which only servers send", '02 05 05 "topic" "event" 65 66 67'),
    closes("kind 3, which is Supabase's", '03 02 03 05 05 00 00 "12" "123" "topic" "event" 65 66 67'),
    closes("an unknown kind", '7f 02 03 05 05 "12" "123" "topic" "event"'),
    closes("a text in a binary frame", '"[null,1,2,3,4]"'),
    closes("half a header", "00 02 03"),
    closes("fields that end too early", '00 02 03 05 05 "12" "123" "top"'),
    closes("a topic that is not UTF-8", '00 02 03 02 05 "12" "123" c3 28 "event"'),
  ],
};
