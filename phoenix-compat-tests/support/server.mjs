import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Rest } from "./rest.mjs";
import { ServerLog } from "./serverLog.mjs";
import { LIMIT_MS } from "./signal.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const builtHere = resolve(here, "../../Server/bin/Debug/net10.0/Kaffediem.Server.dll");
const serverDll = process.env.KAFFEDIEM_SERVER_DLL ?? builtHere;
const dotnet = process.env.DOTNET_HOST_PATH ?? "dotnet";

/** The real server as a process of its own, on a free port, with a database of its own. */
export class KaffediemServer {
  log = new ServerLog();
  /** The clients to send home at the end: one that a failed test has left behind would come back for ever. */
  clients = new Set();
  #directory;
  #process;

  /** Starts on a new database, or on a copy of the file given. */
  static async start({ database } = {}) {
    await clearOfMidnight();
    const server = new KaffediemServer();
    server.#directory = await mkdtemp(join(tmpdir(), "kaffediem-"));
    if (database !== undefined) {
      await copyFile(database, server.#databasePath);
    }
    server.url = await server.#run("http://127.0.0.1:0");
    server.rest = new Rest(server.url);
    return server;
  }

  /** What phoenix.js is given. */
  get socketUrl() {
    return `${this.url.replace("http", "ws")}/socket`;
  }

  /** As a power cut would: nothing is said to anybody. */
  async kill() {
    await this.#end("SIGKILL");
  }

  /** As an operator would: the server says goodbye. */
  async shutDown() {
    const [code] = await this.#end("SIGTERM");
    assert.equal(code, 0, `the server ended with ${code}\n${this.log}`);
  }

  /** Starts again: same port, same database. */
  async restart() {
    const startedAt = Date.now();
    // While nobody listens, another process may be given the port: it is waited for.
    while ((await this.#run(this.url)) !== this.url) {
      assert.ok(Date.now() - startedAt < LIMIT_MS, `${this.url} stays taken`);
      await delay(500);
    }
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

  get #databasePath() {
    return join(this.#directory, "kaffediem.db");
  }

  /** Resolves with the address once the server listens; with nothing if the address is taken. */
  async #run(url) {
    const logged = this.log.length;
    this.#process = spawn(dotnet, [serverDll, "--urls", url], {
      cwd: dirname(serverDll), // where its appsettings.json is
      env: { ...process.env, ASPNETCORE_ENVIRONMENT: "Development", Database__Path: this.#databasePath },
      stdio: ["ignore", "pipe", "pipe"],
    });
    process.once("exit", this.#leaveNothingBehind);
    this.log.read(this.#process.stdout);
    this.log.read(this.#process.stderr);
    const isTaken = "Kaffediem cannot start: .*address already in use";
    this.log.expect("address already in use");
    const [, address] = await this.log.match(new RegExp(`Kaffediem listens on (http://\\S+)|${isTaken}`), logged);
    return address;
  }

  #leaveNothingBehind = () => this.#process.kill("SIGKILL");

  async #end(signal) {
    const { exitCode, signalCode } = this.#process;
    assert.equal(exitCode ?? signalCode, null, `the server has ended by itself\n${this.log}`);
    const ended = once(this.#process, "close", { signal: AbortSignal.timeout(LIMIT_MS) });
    this.#process.kill(signal);
    const result = await ended;
    process.off("exit", this.#leaveNothingBehind);
    return result;
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
