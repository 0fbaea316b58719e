import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Rest } from "./rest.mjs";
import { ServerProcess } from "./serverProcess.mjs";
import { LIMIT_MS } from "./signal.mjs";

const builtHere = fileURLToPath(new URL("../../Server/bin/Debug/net10.0/Kaffediem.Server.dll", import.meta.url));
const serverDll = process.env.KAFFEDIEM_SERVER_DLL ?? builtHere;

/** The real server as a process of its own, on a free port, with a database of its own. */
export class KaffediemServer {
  /** The clients to send home at the end: one that a failed test has left behind would come back for ever. */
  clients = new Set();
  #directory;
  #process;

  /** Starts on a new database, or on a copy of the file given. */
  static async start({ database } = {}) {
    await clearOfMidnight();
    const server = new KaffediemServer();
    server.#directory = await mkdtemp(join(tmpdir(), "kaffediem-"));
    const databasePath = join(server.#directory, "kaffediem.db");
    if (database !== undefined) {
      await copyFile(database, databasePath);
    }
    server.#process = new ServerProcess(serverDll, {
      environment: { ASPNETCORE_ENVIRONMENT: "Development", Database__Path: databasePath },
    });
    await server.#process.start();
    server.rest = new Rest(server.#process.url);
    return server;
  }

  get log() {
    return this.#process.log;
  }

  /** What phoenix.js is given. */
  get socketUrl() {
    return `${this.#process.url.replace("http", "ws")}/socket`;
  }

  /** As a power cut would: nothing is said to anybody. */
  kill() {
    return this.#process.kill();
  }

  /** As an operator would: the server says goodbye. */
  shutDown() {
    return this.#process.shutDown();
  }

  /** Starts again: same port, same database. */
  restart() {
    return this.#process.restart();
  }

  /** Ends the server for good; throws if it has logged something unexpected. */
  async stop() {
    for (const client of this.clients) {
      client.socket.disconnect();
    }
    await this.shutDown();
    await rm(this.#directory, { recursive: true });
    this.log.verify();
  }
}

/** "Today" is the UTC day: a test that spans two of them would rightly see the orders of the first disappear. */
async function clearOfMidnight() {
  const dayMs = 86_400_000;
  const leftMs = dayMs - (Date.now() % dayMs);
  if (leftMs < 2 * LIMIT_MS) {
    await delay(leftMs + 1000);
  }
}
