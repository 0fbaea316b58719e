import assert from "node:assert/strict";
import { after, test } from "node:test";
import { CompatServer } from "../support/compatServer.mjs";
import { conform } from "../support/conformance.mjs";
import { KaffediemServer } from "../support/server.mjs";

const kaffediem = await KaffediemServer.start();
after(() => kaffediem.stop());
// Caused by the many topics of the channel-limit cases.
kaffediem.log.expect("A client joined the collection");
kaffediem.log.expect("more joins of collections that do not exist were not logged");
const compat = await CompatServer.start({ Origins: "http://allowed.example" });
after(() => compat.stop());
compat.log.expect('crashed in "crash"');

// The option that applies to neither server.
const foreign = "needs --refused-subprotocol";

test("the server of the coffee shop conforms", async () => {
  const report = await conform(kaffediem.socketUrl, {
    topic: "collection:order",
    "topic-pattern": "collection:conformance<n>",
    "unmatched-topic": "room:lobby",
    "refused-origin": "http://elsewhere.example",
    "auth-token": "secret",
  });

  assertConforms(report);
  assert.deepEqual(skipReasons(report), [
    foreign,
    "needs --echo-event",
    "needs --crash-event",
    "needs --push-event",
    "needs --broadcast-event",
    "needs --presence-topic",
  ]);
});

test("the library conforms, with channels that echo, push, broadcast and crash", async () => {
  const report = await conform(compat.socketUrl, {
    "topic-pattern": "room:<n>",
    params: '{"key":"blåbær","device":"phone","list":[1,null]}',
    response: '{"key":"blåbær","device":"phone","list":[1,null]}',
    "echo-event": "echo",
    "crash-event": "crash",
    "push-event": "push=pushed",
    "broadcast-event": "shout=shouted",
    "presence-topic": "presence:conformance",
    "refused-origin": "http://elsewhere.example",
    "auth-token": "secret",
    "connect-params": '{"id":"conformance","nested":{"list":[1,2]}}',
  });

  assertConforms(report);
  assert.deepEqual(skipReasons(report), [foreign]);
});

function assertConforms({ code, stdout, stderr, tests, failures, skipped, cases }) {
  assert.equal(code, 0, stdout);
  assert.equal(stderr, "");
  assert.equal(failures, 0);
  assert.equal(cases.length, tests);
  assert.equal(cases.filter(({ outcome }) => outcome === "skipped").length, skipped);
  assert.match(stdout, new RegExp(`^${tests - skipped} passed, 0 failed, ${skipped} skipped$`, "m"));
  // Every section ran, over both transports.
  const passed = new Set(cases.filter(({ outcome }) => outcome === "passed").map(({ suite }) => suite));
  for (const suite of [
    "connecting", "heartbeat", "join", "duplicate-join", "leave", "push", "invalid", "rfc6455", "v1", "binary", "limit",
    "long-poll", "long-poll/heartbeat", "long-poll/join", "long-poll/duplicate-join", "long-poll/leave",
    "long-poll/push", "long-poll/v1", "long-poll/binary", "long-poll/limit",
  ]) {
    assert.ok(passed.has(suite), `no case of ${suite} passed`);
  }
}

function skipReasons({ cases }) {
  return [...new Set(cases.filter(({ outcome }) => outcome === "skipped").map(({ reason }) => reason))];
}
