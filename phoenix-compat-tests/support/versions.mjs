import { load, loadInBrowser } from "./load.mjs";

// What a version cannot do, and why: the reason is shown beside the test that is skipped.
const noBinary = { binary: "has no binary frames: they came with 1.5" };
const noFallback = { fallback: "has no longPollFallbackMs: it came with 1.7" };
const noToken = { token: "has no authToken: it came with 1.8" };

// phoenix.js speaks V2 by itself. A client of the V1 format is made with its own options: objects instead of arrays.
// V1 says which join a close or an error belongs to in its ref; today's phoenix.js looks for that in join_ref alone.
const v1 = {
  vsn: "1.0.0",
  encode: (message, callback) => callback(JSON.stringify(message)),
  decode: (frame, callback) => {
    const message = JSON.parse(frame);
    const isEnd = message.event === "phx_close" || message.event === "phx_error";
    callback(isEnd ? { ...message, join_ref: message.ref } : message);
  },
};

const phoenix1_8_1 = load("phoenix-1.8.1");

/** The clients every test is run with; 1.8.1 is the one the front end locks. */
export const versions = [
  {
    name: "phoenix.js 1.2.1", // the last that speaks V1; it sends no join_ref
    ...loadInBrowser("phoenix-1.2.1"),
    lacks: { ...noBinary, ...noFallback, ...noToken },
  },
  {
    name: "phoenix.js 1.3.5", // the first that speaks V2
    ...loadInBrowser("phoenix-1.3.5"),
    lacks: { ...noBinary, ...noFallback, ...noToken },
  },
  {
    name: "phoenix.js 1.4.17",
    ...loadInBrowser("phoenix-1.4.17"),
    lacks: { ...noBinary, ...noFallback, ...noToken },
  },
  { name: "phoenix.js 1.5.14", ...loadInBrowser("phoenix-1.5.14"), lacks: { ...noFallback, ...noToken } },
  { name: "phoenix.js 1.6.16", ...loadInBrowser("phoenix-1.6.16"), lacks: { ...noFallback, ...noToken } },
  { name: "phoenix.js 1.7.21", ...loadInBrowser("phoenix-1.7.21"), lacks: noToken },
  { name: "phoenix.js 1.8.1", ...phoenix1_8_1, lacks: {} },
  { name: "phoenix.js 1.8.16", ...load("phoenix-1.8.16"), lacks: {} },
  { name: "@supabase/phoenix 0.4.5", ...load("phoenix-supabase"), lacks: {} },
  {
    name: "phoenix.js 1.8.1 in V1",
    ...phoenix1_8_1,
    options: v1,
    lacks: { binary: "V1 has no binary frames" },
  },
];
