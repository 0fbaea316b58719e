import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ServerLog } from "./serverLog.mjs";
import { LIMIT_MS } from "./signal.mjs";

const dotnet = process.env.DOTNET_HOST_PATH ?? "dotnet";

/** A built server, running as a process on a free local port, which it keeps across restarts. */
export class ServerProcess {
  log = new ServerLog();
  #dll;
  #arguments;
  #environment;
  #process;

  constructor(dll, { args = [], environment = {} } = {}) {
    this.#dll = dll;
    this.#arguments = args;
    this.#environment = environment;
  }

  async start() {
    this.url = await this.#run("http://127.0.0.1:0");
  }

  /** The address to give phoenix.js. */
  get socketUrl() {
    return `${this.url.replace("http", "ws")}/socket`;
  }

  /** Kills the server without a close frame to any client, as a power cut would. */
  async kill() {
    await this.#end("SIGKILL");
  }

  /** Shuts the server down as an operator would: it sends close frames. */
  async shutDown() {
    const [code] = await this.#end("SIGTERM");
    assert.equal(code, 0, `the server ended with ${code}\n${this.log}`);
  }

  /** Starts the server again on the same port and data. */
  async restart() {
    const startedAt = Date.now();
    // While the server is down, another process may get the port; this waits until it is free again.
    while ((await this.#run(this.url)) !== this.url) {
      assert.ok(Date.now() - startedAt < LIMIT_MS, `${this.url} is still in use`);
      await delay(500);
    }
  }

  /** Ends the server permanently; throws if it has logged something unexpected. */
  async stop() {
    await this.shutDown();
    this.log.verify();
  }

  /** Resolves with the address once the server listens, or with `undefined` if the address is in use. */
  async #run(url) {
    const logged = this.log.length;
    this.#process = spawn(dotnet, [this.#dll, "--urls", url, ...this.#arguments], {
      cwd: dirname(this.#dll), // the folder of its appsettings.json
      env: { ...process.env, ...this.#environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    process.once("exit", this.#leaveNothingBehind);
    this.log.read(this.#process.stdout);
    this.log.read(this.#process.stderr);
    const isTaken = "cannot start: .*address already in use";
    this.log.expect("address already in use");
    const [, address] = await this.log.match(new RegExp(`listens on (http://\\S+)|${isTaken}`), logged);
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
