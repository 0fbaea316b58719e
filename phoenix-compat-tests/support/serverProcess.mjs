import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ServerLog } from "./serverLog.mjs";
import { LIMIT_MS } from "./signal.mjs";

const dotnet = process.env.DOTNET_HOST_PATH ?? "dotnet";

/** A server built here, as a process of its own on a free port of this machine, which it keeps over restarts. */
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

  /** Starts again: same port, same data. */
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
    await this.shutDown();
    this.log.verify();
  }

  /** Resolves with the address once the server listens; with nothing if the address is taken. */
  async #run(url) {
    const logged = this.log.length;
    this.#process = spawn(dotnet, [this.#dll, "--urls", url, ...this.#arguments], {
      cwd: dirname(this.#dll), // where its appsettings.json is
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
