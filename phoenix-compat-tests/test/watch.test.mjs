import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { KaffediemServer } from "../support/server.mjs";
import { Signal } from "../support/signal.mjs";

// The README's watch.mjs, run unchanged.

const here = fileURLToPath(new URL("..", import.meta.url)); // the folder with the packages
const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");
const { dependencies } = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8"));
const [, watch] = readme.match(/^```js\n(.*?)^```$/ms);
const [, installed] = readme.match(/npm install phoenix@(\S+) ws/);

test("watch.mjs installs the newest phoenix.js that these tests cover", () => {
  const covered = Object.keys(dependencies).filter((name) => /^phoenix-\d/.test(name));
  assert.equal(`phoenix-${installed}`, covered.at(-1));
});

test("watch.mjs prints the number of orders today, then each new order in full", async () => {
  const server = await KaffediemServer.start();
  after(() => server.stop());
  const program = run(new URL(server.url).host);

  await program.printed.until(() => program.output.startsWith("0 orders today, as of change "), "the first line");
  const items = [{ item: 1, customizations: [{ key: 1, value: [1] }] }];
  const order = await server.rest.create("order", { items });
  await program.printed.until(() => program.output.endsWith("}\n"), "the order");

  const [, action, record] = program.output.match(/^.*\n(\w+) (.*)$/s);
  assert.equal(action, "create");
  assert.deepEqual(JSON.parse(record), order);
});

test("watch.mjs reports that there is no server", async () => {
  const program = run(`localhost:${await closedPort()}`);

  await program.printed.until(() => program.errors.includes("Is the server running?"), "the error");

  assert.equal(program.output, "");
});

function run(host) {
  const adapted = watch
    .replaceAll('from "phoenix"', `from "phoenix-${installed}"`)
    .replaceAll("localhost:4000", host);
  const child = spawn(process.execPath, ["--input-type=module", "--eval", adapted], { cwd: here });
  after(() => child.kill());
  const program = { output: "", errors: "", printed: new Signal() };
  child.stdout.setEncoding("utf8").on("data", (text) => {
    program.output += text;
    program.printed.raise();
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    program.errors += text;
    program.printed.raise();
  });
  return program;
}

async function closedPort() {
  const server = createServer().listen(0, "localhost");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
