import { newest } from "./form.mjs";
import { Peer } from "./peer.mjs";

const versions = ["1.8.1", "1.8.16"];
const textOnly = { binary: "long-poll carries text only" };
const lacksOf = {
  "1.8.1": { tokenFunction: "does not support a function as authToken; 1.8.9 added it" },
  "1.8.16": {},
};

/** The versions that are in use, over both transports, in Chromium. */
export async function chromiumRows(browser, pages) {
  const tabs = new Tabs(await browser.newContext());
  return versions.flatMap((version) => {
    const open = (transport, origin = pages.origin) => async (url, options) =>
      tabs.open(origin + pages.path(version), { url, options, transport });
    return [
      {
        name: `phoenix.js ${version} in Chromium over WebSocket`,
        isNewest: version === newest,
        transport: "websocket",
        lacks: lacksOf[version],
        refusalCodes: [1006],
        open: open("websocket"),
        openFromForeignOrigin: open("websocket", pages.foreignOrigin),
        openBlocked: async (url, how, options) => tabs.open(pages.origin + pages.path(version, how), { url, options }),
      },
      {
        name: `phoenix.js ${version} in Chromium over long-poll`,
        isNewest: version === newest,
        transport: "longpoll",
        isTextOnly: true,
        lacks: { ...lacksOf[version], ...textOnly },
        refusalCodes: [1008],
        open: open("longpoll"),
        openFromForeignOrigin: open("longpoll", pages.foreignOrigin),
      },
    ];
  });
}

/** Gives each client a tab; once the client has gone, another one may get it. */
class Tabs {
  #profile;
  #idle = new Map();

  constructor(profile) {
    this.#profile = profile;
  }

  async open(address, client) {
    const tab = this.#idle.get(address)?.pop() ?? (await this.#newTab(address));
    await tab.evaluate(({ url, options, transport }) => {
      const { Phoenix, Peer } = window;
      const longPoll = transport === "longpoll" && { transport: Phoenix.LongPoll };
      window.peer = new Peer(Phoenix, url, { ...options, ...longPoll });
    }, client);
    return remote(tab, () => this.#takeBack(address, tab));
  }

  async #newTab(address) {
    const tab = await this.#profile.newPage();
    await tab.goto(address);
    await tab.waitForFunction(() => window.Phoenix && window.Peer);
    return tab;
  }

  async #takeBack(address, tab) {
    await tab.evaluate(() => sessionStorage.clear());
    this.#idle.set(address, [...(this.#idle.get(address) ?? []), tab]);
  }
}

/** A proxy in Node for the client in the tab. */
function remote(tab, onClosed) {
  const call = (name) => (...parameters) =>
    tab.evaluate(({ name, parameters }) => window.peer[name](...parameters), { name, parameters });
  const names = Object.getOwnPropertyNames(Peer.prototype).filter((name) => name !== "constructor");
  const peer = Object.fromEntries(names.map((name) => [name, call(name)]));
  let isOpen = true;
  return {
    ...peer,
    close: async () => {
      if (isOpen) {
        isOpen = false;
        await peer.close();
        await onClosed();
      }
    },
  };
}
