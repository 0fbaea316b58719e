import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { ServerProcess } from "./serverProcess.mjs";
import { LIMIT_MS } from "./signal.mjs";

const builtHere = fileURLToPath(
  new URL("../server/bin/Debug/net10.0/Kaffediem.CompatServer.dll", import.meta.url),
);
const serverDll = process.env.COMPAT_SERVER_DLL ?? builtHere;

/** Protocol alone, with channels that do as they are told (`server/RoomChannel.cs`), as a process of its own. */
export class CompatServer extends ServerProcess {
  /** `settings` as on the command line: `{ "Phoenix:LongPollWindow": "00:00:02" }`. */
  static async start(settings = {}) {
    const server = new CompatServer(serverDll, {
      args: Object.entries(settings).map(([name, value]) => `--${name}=${value}`),
    });
    server.log.expect("AskedForException");
    server.log.expect("more failures like the next one");
    server.log.expect("could not be sent a binary payload");
    await server.start();
    return server;
  }

  /** One that lives, and one whose end is part of the tests; its long-poll sessions are short. */
  static async startTwo(settings = {}) {
    const server = await CompatServer.start(settings);
    const mortal = await CompatServer.start({ ...settings, "Phoenix:LongPollWindow": "00:00:02" });
    return { server, mortal, stop: () => Promise.all([server.stop(), mortal.stop()]) };
  }

  /** To everyone on a topic, from outside a channel; bytes are `{ bytes: [...] }`. */
  broadcast(topic, event, payload) {
    return this.#control("broadcast", { topic, event }, payload);
  }

  /** All sockets that were opened with this id. */
  disconnect(id) {
    return this.#control("disconnect", { id });
  }

  /** An authToken that the socket at `/members` lets in. */
  async token() {
    return (await (await this.#control("token", {})).json()).accessToken;
  }

  async #control(action, query, payload = {}) {
    const response = await fetch(`${this.url}/control/${action}?${new URLSearchParams(query)}`, {
      method: "POST",
      headers: { "content-type": payload.bytes ? "application/octet-stream" : "application/json" },
      body: payload.bytes ? Uint8Array.from(payload.bytes) : JSON.stringify(payload),
      signal: AbortSignal.timeout(LIMIT_MS),
    });
    assert.equal(response.status, 200, action);
    return response;
  }
}
