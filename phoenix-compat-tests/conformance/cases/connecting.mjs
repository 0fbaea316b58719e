// Which requests become a WebSocket (docs/protocol.md, 'Connecting'; phoenix@167c469 transports/websocket.ex, socket.ex
// negotiate_serializer). In every handshake of every case, Sec-WebSocket-Protocol must be answered with "phoenix" if
// and only if it was sent.
const source = "docs/protocol.md, 'Versions' / socket.ex negotiate_serializer";
const handler = "docs/protocol.md, 'Order of checks' / transports/websocket.ex";
const v1 = { vsn: "1.0.0" };
const refused = (query) => ({ handshake: { query }, answer: { status: 403, body: "" }, steps: [] });

export default {
  name: "connecting",
  transports: ["websocket"],
  cases: [
    { name: "no vsn means V1", source, ...v1, handshake: { query: "" }, steps: [{ silence: true }] },
    { name: "vsn 1.0.0 means V1", source, ...v1, steps: [{ silence: true }] },
    { name: "vsn 1.0.7: the patch is free", source, ...v1, handshake: { query: "vsn=1.0.7" },
      steps: [{ silence: true }] },
    { name: "vsn 2.0.0 means V2", source, steps: [{ silence: true }] },
    { name: "vsn 2.0.9: the patch is free", source, handshake: { query: "vsn=2.0.9" }, steps: [{ silence: true }] },
    {
      name: "an empty component in the query is no parameter",
      source: "docs/protocol.md, 'Connecting' / phoenix.js ajax.js",
      handshake: { query: "&vsn=2.0.0&" },
      steps: [{ silence: true }],
    },
    { name: "vsn 2.1.0 is refused", source, ...refused("vsn=2.1.0") },
    { name: "vsn 1.1.0 is refused", source, ...refused("vsn=1.1.0") },
    { name: "vsn 3.0.0 is refused", source, ...refused("vsn=3.0.0") },
    { name: "vsn 123.1.1 is refused", source: "docs/protocol.md, 'Versions' / websocket_channels_test.exs:823",
      ...refused("vsn=123.1.1") },
    { name: "vsn 2.0 is refused: three numbers are needed", source, ...refused("vsn=2.0") },
    { name: "vsn 2.0.0.0 is refused", source, ...refused("vsn=2.0.0.0") },
    { name: "vsn 02.0.0 is refused: no leading zeros", source, ...refused("vsn=02.0.0") },
    { name: "vsn v2.0.0 is refused", source, ...refused("vsn=v2.0.0") },
    { name: "vsn 2.0.0-rc.1 is refused: it comes before 2.0.0", source, ...refused("vsn=2.0.0-rc.1") },
    { name: "an empty vsn is refused", source, ...refused("vsn=") },
    {
      name: "a list as vsn is refused",
      source: "docs/protocol.md, 'Versions' / socket.ex, since 1.8.6",
      ...refused("vsn[]=2.0.0"),
    },
    {
      name: "an object as vsn is refused",
      source: "docs/protocol.md, 'Versions' / socket.ex, since 1.8.6",
      ...refused("vsn[x]=2.0.0"),
    },
    {
      name: "POST is answered with 400",
      source: handler,
      handshake: { method: "POST" },
      answer: { status: 400, body: "" },
      steps: [],
    },
    {
      name: "the method comes before the version",
      source: handler,
      handshake: { method: "PUT", query: "vsn=123.1.1" },
      answer: { status: 400, body: "" },
      steps: [],
    },
    {
      name: "a GET that asks for no upgrade is answered with 400 and a text",
      source: "docs/protocol.md, 'Order of checks' / websocket_socket_test.exs:121",
      handshake: { headers: { Connection: null, Upgrade: null } },
      answer: { status: 400, body: "<text>" },
      steps: [],
    },
    {
      name: "a handshake without a key is answered with 400 and a text",
      source: "docs/protocol.md, 'Order of checks' / websocket_socket_test.exs:121",
      handshake: { headers: { "Sec-WebSocket-Key": null } },
      answer: { status: 400, body: "<text>" },
      steps: [],
    },
    {
      name: "a handshake of another WebSocket version is answered with 400 and a text",
      source: "docs/protocol.md, 'Order of checks' / websocket_socket_test.exs:121",
      handshake: { headers: { "Sec-WebSocket-Version": "12" } },
      answer: { status: 400, body: "<text>" },
      steps: [],
    },
    {
      name: "the version comes before the upgrade",
      source: handler,
      handshake: { query: "vsn=123.1.1", headers: { Connection: null, Upgrade: null } },
      answer: { status: 403, body: "" },
      steps: [],
    },
    {
      name: "a token in the subprotocol: phoenix is echoed, the bearer is not",
      source: "docs/protocol.md, 'Auth token' / transports/websocket.ex auth_token",
      needs: ["auth-token"],
      handshake: { headers: { "Sec-WebSocket-Protocol": "phoenix, <bearer>" } },
      answer: { status: 101, headers: { "sec-websocket-protocol": "phoenix" } },
      steps: [{ silence: true }],
    },
    {
      name: "the bearer may come first",
      source: "docs/protocol.md, 'Auth token' / transports/websocket.ex auth_token",
      needs: ["auth-token"],
      handshake: { headers: { "Sec-WebSocket-Protocol": "<bearer>, phoenix" } },
      answer: { status: 101, headers: { "sec-websocket-protocol": "phoenix" } },
      steps: [{ silence: true }],
    },
    {
      name: "the token may be in the URL's base64 alphabet",
      source: "docs/protocol.md, 'Auth token': accept both alphabets",
      needs: ["auth-token"],
      handshake: { headers: { "Sec-WebSocket-Protocol": "phoenix, <bearerurl>" } },
      answer: { status: 101, headers: { "sec-websocket-protocol": "phoenix" } },
      steps: [{ silence: true }],
    },
    {
      name: "a token that is not base64 is refused",
      source: "docs/protocol.md, 'Auth token': Phoenix raises, answer 403 instead",
      needs: ["auth-token"],
      handshake: { headers: { "Sec-WebSocket-Protocol": "phoenix, base64url.bearer.phx.!!!!" } },
      answer: { status: 403, body: "" },
      steps: [],
    },
    {
      name: "an unknown subprotocol is refused",
      source: "docs/protocol.md, 'Auth token' / transport_test.exs:294",
      needs: ["refused-subprotocol"],
      handshake: { headers: { "Sec-WebSocket-Protocol": "<refusedsubprotocol>" } },
      answer: { status: 403, body: "" },
      steps: [],
    },
    {
      name: "an origin that is not allowed is refused",
      source: "docs/protocol.md, 'Origins' / websocket_channels_test.exs:738",
      needs: ["refused-origin"],
      handshake: { headers: { Origin: "<refusedorigin>" } },
      answer: { status: 403 }, // a server may give the reason
      steps: [],
    },
    {
      name: "the origin null is refused",
      source: "docs/protocol.md, 'Origins' / transport_test.exs:129",
      needs: ["refused-origin"],
      handshake: { headers: { Origin: "null" } },
      answer: { status: 403 }, // a server may give the reason
      steps: [],
    },
    {
      name: "the method comes before the origin",
      source: handler,
      needs: ["refused-origin"],
      handshake: { method: "POST", headers: { Origin: "<refusedorigin>" } },
      answer: { status: 400, body: "" },
      steps: [],
    },
  ],
};
