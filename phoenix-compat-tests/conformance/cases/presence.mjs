// Presences of a topic (docs/protocol.md, 'Presence'; phoenix@167c469 presence.ex, presence.js). The application
// chooses keys and metas; <presences> is {key: {"metas": [{"phx_ref": "…", …}, …], …}, …}, or empty.
const source = "docs/protocol.md, 'Presence' / presence.js";
const needs = ["presence-topic"];
const join = (ref) => [
  { send: `["${ref}","${ref}","<presence>","phx_join",<params>]` },
  { expect: `["${ref}","${ref}","<presence>","phx_reply",{"status":"ok","response":<any>}]` },
];
const leave = (ref) => [
  { send: `["${ref}","99","<presence>","phx_leave",{}]` },
  { expect: `["${ref}","99","<presence>","phx_reply",{"status":"ok","response":{}}]` },
  { expect: `["${ref}","${ref}","<presence>","phx_close",{}]` },
];
const state = (ref) => `["${ref}",null,"<presence>","presence_state",<presences>]`;

export default {
  name: "presence",
  transports: ["websocket", "long-poll"],
  cases: [
    {
      name: "after a join: the state under the join_ref, then the difference under null, with both members",
      source,
      needs,
      steps: [
        ...join(1),
        {
          expectInAnyOrder: [
            state(1),
            '[null,null,"<presence>","presence_diff",{"joins":<presences>,"leaves":<presences>}]',
          ],
        },
        ...leave(1),
      ],
    },
    {
      name: "after a duplicate join: the state under the new join_ref",
      source: "docs/protocol.md, 'Presence': otherwise the client would queue differences forever",
      needs,
      steps: [
        ...join(1),
        { expect: state(1) },
        ...join(2),
        { expect: '["1","1","<presence>","phx_close",{}]' },
        { expect: state(2) },
        ...leave(2),
      ],
    },
  ],
};
