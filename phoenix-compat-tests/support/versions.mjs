import { isQuick, newest } from "./form.mjs";
import { load, loadInBrowser } from "./load.mjs";

// Features that a version lacks, and why; the reason is shown with the skipped test.
const noBinary = { binary: "has no binary frames; 1.5 added them" };
const noReturn = { fallbackReturn: "does not notice the end of a long-poll once the WebSocket before it has closed" };
const tooOldToFallBack = "has no longPollFallbackMs; 1.7 added it";
const noFallback = { fallback: tooOldToFallBack, fallbackReturn: tooOldToFallBack };
const noTokenFunction = { tokenFunction: "does not support a function as authToken; 1.8.9 added it" };
const noToken = { token: "has no authToken; 1.8 added it", ...noTokenFunction };
const needsV2 = "needs V2 for long-poll, whose lines are in V2";
const v2AfterFallback = { fallback: needsV2, fallbackReturn: needsV2 };
// Since Phoenix 1.3, a close in V1 does not identify the channel to a client without join_refs; in 1.2 it did.
const noSuccessor = { successor: "mistakes the close of a channel for that of its successor on the topic" };
const throwsOn403 = { refusal: "throws when a poll is answered with 403; 1.5 fixed it" };

// phoenix.js speaks V2 by default. Its encode and decode options make a client of the V1 format: objects instead of
// arrays. In V1 the ref identifies the join of a close or error; today's phoenix.js looks for it in join_ref only.
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

/** All clients; the lock file of the front end has 1.8.1. */
export const everyVersion = [
  {
    name: "phoenix.js 1.2.1", // the last version that speaks V1; it sends no join_ref
    ...loadInBrowser("phoenix-1.2.1"),
    isV1: true,
    lacks: { ...noBinary, ...noFallback, ...noToken, ...noSuccessor },
    unfitForLongPoll: "expects V1 messages as objects, as Phoenix sent them before 1.4; since then they are strings",
  },
  {
    name: "phoenix.js 1.3.5", // the first version that speaks V2
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

/** The clients that the shop's tests run with. */
export const versions = everyVersion.filter(({ name }) => !isQuick || quickVersions.includes(name));

/** The same over long-poll, always with V2, since phoenix.js ignores encode and decode there. */
export const versionsOverLongPoll = versions
  .filter(({ options, unfitForLongPoll }) => options === undefined && unfitForLongPoll === undefined)
  .map((version) => ({ ...version, name: `${version.name} over long-poll`, options: { transport: version.LongPoll } }));
