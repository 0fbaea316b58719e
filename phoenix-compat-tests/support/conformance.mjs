import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { LIMIT_MS } from "./signal.mjs";

const runner = fileURLToPath(new URL("../conformance/run.mjs", import.meta.url));

/** Runs the conformance runner from the command line; resolves with `{ code, stdout, stderr }`. */
export async function run(args, environment = {}) {
  const child = spawn(process.execPath, [runner, ...args], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 3 * LIMIT_MS,
  });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { code, stdout, stderr };
}

/** Runs cases against a server, and reads the JUnit report: `cases` are `{ suite, name, outcome, reason }`. */
export async function conform(url, options = {}, environment = {}) {
  const directory = await mkdtemp(join(tmpdir(), "conformance-"));
  const junit = join(directory, "junit.xml");
  const all = { url, topic: "room:lobby", timeout: LIMIT_MS, junit, ...options };
  try {
    const result = await run(Object.entries(all).map(([name, value]) => `--${name}=${value}`), environment);
    return { ...result, ...(await readReport(junit)) };
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function readReport(file) {
  const xml = await readFile(file, "utf8");
  const [, tests, failures, skipped] =
    /<testsuites name="conformance" tests="(\d+)" failures="(\d+)" errors="0" skipped="(\d+)"/.exec(xml);
  const cases = [...xml.matchAll(
    /<testcase classname="([^"]*)" name="([^"]*)" time="[\d.]+"><(system-out|failure|skipped)(?: message="([^"]*)")?/g,
  )].map(([, suite, name, element, reason]) => ({
    suite,
    name: unescape(name),
    outcome: { "system-out": "passed", failure: "failed", skipped: "skipped" }[element],
    reason: reason && unescape(reason),
  }));
  return { tests: Number(tests), failures: Number(failures), skipped: Number(skipped), cases };
}

const unescape = (text) => text.replace(/&(lt|gt|quot|amp);/g, (entity, name) =>
  ({ lt: "<", gt: ">", quot: '"', amp: "&" })[name]);
