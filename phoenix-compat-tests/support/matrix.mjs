import WebSocket from "ws";
import { blocked } from "./blockedWebSocket.mjs";
import { Peer } from "./peer.mjs";
import { newest } from "./form.mjs";
import { everyVersion } from "./versions.mjs";

const textOnly = { binary: "long-poll carries text only" };

/** Every version over every transport, in Node. */
export const rows = everyVersion.flatMap((version) => [
  {
    name: `${version.name} over WebSocket`,
    isNewest: isNewest(version),
    transport: "websocket",
    isTextOnly: version.isV1 ?? false,
    lacks: version.lacks,
    refusalCodes: [1006],
    open: async (url, options) => new Peer(version, url, { transport: WebSocket, ...version.options, ...options }),
    openBlocked: async (url, how, options) =>
      new Peer(version, url, { transport: blocked(how), sessionStorage: new Storage(), ...options }),
  },
  // Over long-poll phoenix.js ignores encode and decode, and speaks V2.
  ...(version.options === undefined ? [overLongPoll(version)] : []),
]);

function overLongPoll(version) {
  return {
    name: `${version.name} over long-poll`,
    isNewest: isNewest(version),
    transport: "longpoll",
    isTextOnly: true,
    unfit: version.unfitForLongPoll,
    lacks: { ...version.lacks, ...version.lacksOverLongPoll, ...textOnly },
    refusalCodes: [1008, null], // null: up to 1.5
    open: async (url, options) => new Peer(version, url, { transport: version.LongPoll, ...options }),
  };
}

function isNewest({ name }) {
  return name === `phoenix.js ${newest}`;
}

/** Stands in for a page's sessionStorage. */
class Storage {
  #items = new Map();

  getItem(name) {
    return this.#items.get(name) ?? null;
  }

  setItem(name, value) {
    this.#items.set(name, value);
  }

  removeItem(name) {
    this.#items.delete(name);
  }
}
