import { parseArgs } from "node:util";
import { isJson } from "./json.mjs";
import { sectionNames } from "./sections.mjs";

/** The command line is wrong. */
export class UsageError extends Error {}

const table = {
  url: ["URL", "the socket's address as given to phoenix.js, without /websocket (ws, wss, http or https)"],
  topic: ["TOPIC", "a topic that can be joined"],
  params: ["JSON", "the params of the join", "{}"],
  response: ["JSON", "the response of the reply to the join; without it, any response is accepted"],
  "unmatched-topic": ["TOPIC", "a topic that no channel serves", "conformance:no-such-topic"],
  "topic-pattern": ["PATTERN", 'topics that can be joined with the same params, <n> being 1 to 101: "room:<n>"'],
  "echo-event": ["EVENT", "an event that is answered with ok and its own payload, also if that is binary"],
  "crash-event": ["EVENT", "an event that crashes the channel"],
  "broadcast-event": ["IN=OUT", "an event IN that is answered with ok, and broadcast with its payload as event OUT"],
  "push-event": ["IN=OUT", "an event IN that is answered with ok, and pushed back with its payload as event OUT"],
  "presence-topic": ["TOPIC", "a topic that can be joined with the same params, and tracks presences"],
  "auth-token": ["TOKEN", "the auth token of phoenix.js 1.8, sent with every connection"],
  "connect-params": ["JSON", "the params of the socket, sent with every connection", "{}"],
  "refused-origin": ["ORIGIN", "an origin that the server refuses"],
  "refused-subprotocol": ["NAME", "a WebSocket subprotocol that the server refuses"],
  "max-message-bytes": ["N", "the size of the longest message that the server accepts", "65536"],
  skip: ["SECTIONS", "sections to leave out, comma separated", ""],
  only: ["SECTIONS", "sections to run, comma separated; without it, all", ""],
  case: ["TEXT", "cases to run: those whose name contains it", ""],
  timeout: ["MS", "the time limit for each expected message", "30000"],
  junit: ["FILE", "where to write a JUnit report"],
  list: [null, "print the cases instead of running them"],
  help: [null, "print this"],
};

/** @returns The options with their defaults, read and checked. */
export function readOptions(args) {
  const values = parse(args);
  if (values.help) {
    return values;
  }
  for (const name of values.list ? [] : ["url", "topic"]) {
    if (values[name] === undefined) {
      throw new UsageError(`--${name} is missing`);
    }
  }
  if (values["topic-pattern"]?.includes("<n>") === false) {
    throw new UsageError('--topic-pattern must contain "<n>"');
  }
  return {
    ...values,
    url: values.url && readUrl(values.url),
    params: readJson("params", values.params),
    response: values.response && readJson("response", values.response),
    "broadcast-event": readPair("broadcast-event", values["broadcast-event"]),
    "push-event": readPair("push-event", values["push-event"]),
    "connect-params": JSON.parse(readJson("connect-params", values["connect-params"])),
    "max-message-bytes": readNumber("max-message-bytes", values["max-message-bytes"]),
    timeout: readNumber("timeout", values.timeout),
    skip: readSections("skip", values.skip),
    only: readSections("only", values.only),
  };
}

export function help() {
  const lines = Object.entries(table).map(([name, [value, text, byDefault]]) => {
    const flag = `--${name}${value === null ? "" : ` ${value}`}`;
    return `  ${flag.padEnd(27)} ${text}${byDefault ? ` (default ${byDefault})` : ""}`;
  });
  return [
    "Checks a Phoenix channel server against the protocol, frame by frame.",
    "",
    "npm run conformance -- --url ws://localhost:4000/socket --topic room:lobby",
    "",
    ...lines,
    "",
    `Sections: ${sectionNames.join(", ")}.`,
    "Exit code: 0 all passed, 1 a case failed, 2 wrong usage or no answer.",
  ].join("\n");
}

function parse(args) {
  const options = Object.fromEntries(Object.entries(table).map(([name, [value, , byDefault]]) =>
    [name, value === null ? { type: "boolean" } : { type: "string", default: byDefault }]));
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new UsageError(error.message);
  }
}

function readUrl(text) {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!["ws:", "wss:", "http:", "https:"].includes(url?.protocol)) {
    throw new UsageError(`--url ${text}: not a ws:// or wss:// address`);
  }
  if (url.pathname.endsWith("/websocket") || url.pathname.endsWith("/longpoll")) {
    throw new UsageError(`--url ${text}: leave out the last part of the path`);
  }
  if (url.search !== "" || url.hash !== "") {
    throw new UsageError(`--url ${text}: give parameters with --connect-params`);
  }
  return url;
}

function readJson(name, text) {
  if (!isJson(text)) {
    throw new UsageError(`--${name} ${text}: not JSON`);
  }
  return text;
}

function readPair(name, text) {
  const pair = text?.split("=");
  if (pair !== undefined && (pair.length !== 2 || pair.includes(""))) {
    throw new UsageError(`--${name} ${text}: not of the form IN=OUT`);
  }
  return pair;
}

function readNumber(name, text) {
  if (!/^[1-9]\d*$/.test(text)) {
    throw new UsageError(`--${name} ${text}: not a number`);
  }
  return Number(text);
}

function readSections(name, text) {
  const names = text.split(",").filter((part) => part !== "");
  const unknown = names.find((part) => !sectionNames.includes(part));
  if (unknown !== undefined) {
    throw new UsageError(`--${name} ${unknown}: no such section; valid sections: ${sectionNames.join(", ")}`);
  }
  return names;
}
