#!/usr/bin/env node
import { writeFileSync } from "node:fs";
import { Conversation } from "./conversation.mjs";
import { send } from "./http.mjs";
import { junit } from "./junit.mjs";
import { help, readOptions, UsageError } from "./options.mjs";
import { list, progress, summary } from "./report.mjs";
import { plan } from "./sections.mjs";
import { Target } from "./target.mjs";

process.exitCode = await main(process.argv.slice(2));

/** @returns The exit code. */
async function main(args) {
  try {
    const options = readOptions(args);
    if (options.help) {
      console.log(help());
      return 0;
    }
    if (options.list) {
      console.log(list(plan(options)));
      return 0;
    }
    const target = new Target(options);
    const fault = await findFault(target);
    if (fault !== null) {
      console.error(`No answer from ${options.url}: ${fault}`);
      return 2;
    }
    return await run(target, options);
  } catch (error) {
    if (!(error instanceof UsageError)) {
      throw error;
    }
    console.error(`${error.message}\nSee --help.`);
    return 2;
  }
}

async function run(target, options) {
  const results = [];
  for (const suite of plan(options)) {
    for (const testCase of suite.cases) {
      const result = { suite: suite.name, ...(await runCase(target, testCase)) };
      results.push(result);
      console.log(progress(result));
    }
  }
  if (results.length === 0) {
    throw new UsageError("no case matches the options");
  }
  console.log(summary(results));
  if (options.junit !== undefined) {
    writeFileSync(options.junit, junit(results));
  }
  return results.some(({ outcome }) => outcome === "failed") ? 1 : 0;
}

async function runCase(target, testCase) {
  const { name, source, needs = [] } = testCase;
  const missing = needs.filter((option) => target.options[option] === undefined);
  if (missing.length > 0) {
    const reason = `needs ${missing.map((option) => `--${option}`).join(", ")}`;
    return { name, source, outcome: "skipped", reason, rows: [], ms: 0 };
  }
  const startedAt = performance.now();
  const conversation = new Conversation(target, testCase);
  const reason = await conversation.run();
  const { rows, comparison: { sameBytes, sameJson } } = conversation;
  const ms = performance.now() - startedAt;
  return { name, source, outcome: reason === null ? "passed" : "failed", reason, rows, sameBytes, sameJson, ms };
}

// A server that cannot be reached is reported as such, not as the failure of every case.
async function findFault(target) {
  try {
    await send(target.url("websocket", "vsn=2.0.0"), { timeoutMs: target.timeoutMs });
    return null;
  } catch (error) {
    return error.message || error.code;
  }
}
