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

/** The real server on a new database. */
export class KaffediemServer extends ServerProcess {
  /** The clients to disconnect at the end: after a failed test they would try to reconnect forever. */
  clients = new Set();
  #directory;

  /** Starts on a new database or on a copy of the given file; allows pages of the front end or of other origins. */
  static async start({ database, origins } = {}) {
    await clearOfMidnight();
    const directory = await mkdtemp(join(tmpdir(), "kaffediem-"));
    const databasePath = join(directory, "kaffediem.db");
    if (database !== undefined) {
      await copyFile(database, databasePath);
    }
    const server = new KaffediemServer(serverDll, {
      environment: {
        ASPNETCORE_ENVIRONMENT: "Development",
        Database__Path: databasePath,
        ...(origins === undefined ? {} : { Cors__Origins: origins }),
      },
    });
    server.#directory = directory;
    await server.start();
    server.rest = new Rest(server.url);
    return server;
  }

  /** Ends the server permanently; throws if it has logged something unexpected. */
  async stop() {
    for (const client of this.clients) {
      client.socket.disconnect();
    }
    await super.stop();
    await rm(this.#directory, { recursive: true });
  }
}

/** "Today" is the UTC day. In a test that spans midnight, the orders of the first day would rightly disappear. */
async function clearOfMidnight() {
  const dayMs = 86_400_000;
  const leftMs = dayMs - (Date.now() % dayMs);
  if (leftMs < 2 * LIMIT_MS) {
    await delay(leftMs + 1000);
  }
}
