import { isQuick, newest } from "./form.mjs";
import { load, loadInBrowser } from "./load.mjs";

// What a version cannot do, and why: the reason is shown beside the test that is skipped.
const noBinary = { binary: "has no binary frames: they came with 1.5" };
const noReturn = { fallbackReturn: "no longer notices the end of a long-poll once the WebSocket before it has closed" };
const tooOldToFallBack = "has no longPollFallbackMs: it came with 1.7";
const noFallback = { fallback: tooOldToFallBack, fallbackReturn: tooOldToFallBack };
const noTokenFunction = { tokenFunction: "takes no function as authToken: that came with 1.8.9" };
const noToken = { token: "has no authToken: it came with 1.8", ...noTokenFunction };
const needsV2 = "needs V2 for long-poll: its lines are V2's";
const v2AfterFallback = { fallback: needsV2, fallbackReturn: needsV2 };
// Since Phoenix 1.3, a close says in V1 nothing of whom it means to a client that sends no join_ref; 1.2 said it.
const noSuccessor = { successor: "takes the close of a channel for that of the next one on the topic, too" };
const throwsOn403 = { refusal: "throws when a poll is answered with 403: that came with 1.5" };

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

/** All clients; 1.8.1 is the one the front end locks. */
export const everyVersion = [
  {
    name: "phoenix.js 1.2.1", // the last that speaks V1; it sends no join_ref
    ...loadInBrowser("phoenix-1.2.1"),
    isV1: true,
    lacks: { ...noBinary, ...noFallback, ...noToken, ...noSuccessor },
    unfitForLongPoll: "reads V1 messages as objects, as Phoenix sent them before 1.4; since then they are strings",
  },
  {
    name: "phoenix.js 1.3.5", // the first that speaks V2
    ...loadInBrowser("phoenix-1.3.5"),
    lacks: { ...noBinary, ...noFallback, ...noToken },
    lacksOverLongPoll: throwsOn403,
  },
  {
    name: "phoenix.js 1.4.17",
    ...loadInBrowser("phoenix-1.4.17"),
    lacks: { ...noBinary, ...noFallback, ...noToken },
    lacksOverLongPoll: throwsOn403,
  },
  { name: "phoenix.js 1.5.14", ...loadInBrowser("phoenix-1.5.14"), lacks: { ...noFallback, ...noToken } },
  { name: "phoenix.js 1.6.16", ...loadInBrowser("phoenix-1.6.16"), lacks: { ...noFallback, ...noToken } },
  { name: "phoenix.js 1.7.21", ...loadInBrowser("phoenix-1.7.21"), lacks: noToken },
  { name: "phoenix.js 1.8.1", ...phoenix1_8_1, lacks: noTokenFunction },
  { name: "phoenix.js 1.8.16", ...load("phoenix-1.8.16"), lacks: {} },
  { name: "@supabase/phoenix 0.4.5", ...load("phoenix-supabase"), lacks: noReturn },
  {
    name: "phoenix.js 1.8.1 in V1",
    ...phoenix1_8_1,
    isV1: true,
    options: v1,
    lacks: { binary: "V1 has no binary frames", ...v2AfterFallback, ...noTokenFunction },
  },
];

const quickVersions = ["phoenix.js 1.2.1", "phoenix.js 1.8.1", `phoenix.js ${newest}`]; // V1, the front end, the newest

/** The clients that meet the shop. */
export const versions = everyVersion.filter(({ name }) => !isQuick || quickVersions.includes(name));

/** The same over long-poll, with V2 always: there phoenix.js takes no encode and decode. */
export const versionsOverLongPoll = versions
  .filter(({ options, unfitForLongPoll }) => options === undefined && unfitForLongPoll === undefined)
  .map((version) => ({ ...version, name: `${version.name} over long-poll`, options: { transport: version.LongPoll } }));
