import binary from "./cases/binary.mjs";
import broadcast from "./cases/broadcast.mjs";
import connecting from "./cases/connecting.mjs";
import duplicateJoin from "./cases/duplicateJoin.mjs";
import heartbeat from "./cases/heartbeat.mjs";
import invalid from "./cases/invalid.mjs";
import join from "./cases/join.mjs";
import leave from "./cases/leave.mjs";
import limit from "./cases/limit.mjs";
import longPoll from "./cases/longPoll.mjs";
import presence from "./cases/presence.mjs";
import push from "./cases/push.mjs";
import rfc6455 from "./cases/rfc6455.mjs";
import v1 from "./cases/v1.mjs";

const sections = [
  connecting, heartbeat, join, duplicateJoin, leave, push, broadcast, presence, invalid, rfc6455, v1, binary, limit,
  longPoll,
];

/** The names that --skip and --only accept. */
export const sectionNames = sections.map((section) => section.name);

/**
 * The suites to run, each `{ name, cases }`: every section over WebSocket and, named long-poll/…, over long-poll. For
 * the options, the section long-poll means everything over long-poll.
 */
export function plan({ skip, only, case: part }) {
  const suites = ["websocket", "http", "long-poll"].flatMap((transport) =>
    sections.map((section) => suite(section, transport, part)));
  const isWanted = ({ tags }) =>
    !tags.some((tag) => skip.includes(tag)) && (only.length === 0 || tags.some((tag) => only.includes(tag)));
  return suites.filter((candidate) => candidate.cases.length > 0 && isWanted(candidate));
}

function suite(section, transport, part) {
  const isOverLongPoll = transport === "long-poll" && section !== longPoll;
  return {
    name: isOverLongPoll ? `long-poll/${section.name}` : section.name,
    tags: isOverLongPoll ? [section.name, longPoll.name] : [section.name],
    cases: section.cases
      .filter(({ name, transports = section.transports }) => transports.includes(transport) && name.includes(part))
      .map((testCase) => ({ vsn: section.vsn ?? "2.0.0", ...testCase, transport })),
  };
}
