import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { ServerProcess } from "./serverProcess.mjs";
import { LIMIT_MS } from "./signal.mjs";

const builtHere = fileURLToPath(
  new URL("../server/bin/Debug/net10.0/Kaffediem.CompatServer.dll", import.meta.url),
);
const serverDll = process.env.COMPAT_SERVER_DLL ?? builtHere;

/** A process with Protocol alone, whose channels do what the client asks (`server/RoomChannel.cs`). */
export class CompatServer extends ServerProcess {
  /** Takes `settings` as on the command line, for example `{ "Phoenix:LongPollWindow": "00:00:02" }`. */
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

  /** Starts two: `server` runs throughout, `mortal` is ended by tests and has short long-poll sessions. */
  static async startTwo(settings = {}) {
    const server = await CompatServer.start(settings);
    const mortal = await CompatServer.start({ ...settings, "Phoenix:LongPollWindow": "00:00:02" });
    return { server, mortal, stop: () => Promise.all([server.stop(), mortal.stop()]) };
  }

  /** Broadcasts to a topic from outside a channel; a binary payload is `{ bytes: [...] }`. */
  broadcast(topic, event, payload) {
    return this.#control("broadcast", { topic, event }, payload);
  }

  /** Disconnects all sockets that were opened with this id. */
  disconnect(id) {
    return this.#control("disconnect", { id });
  }

  /** An authToken that the socket at `/members` accepts. */
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
