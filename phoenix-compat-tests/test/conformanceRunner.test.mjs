import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { selfSigned } from "../support/certificate.mjs";
import { conform, run } from "../support/conformance.mjs";
import { faults, missing } from "../support/faults.mjs";
import { longPollFaults } from "../support/longPollFaults.mjs";
import { TinyPhoenix } from "../support/tinyPhoenix.mjs";

const all = {
  "echo-event": "echo",
  "crash-event": "crash",
  "push-event": "push=pushed",
  "broadcast-event": "shout=shouted",
  "presence-topic": "presence:staff",
  "topic-pattern": "room:<n>",
  "auth-token": "secret~~",
};

test("a correct server passes", async (t) => {
  const server = await start(t);

  // The tiny server has no limits.
  const { code, stdout, failures, cases } = await conform(server.url, { ...all, skip: "limit" });

  assert.equal(code, 0, stdout);
  assert.equal(failures, 0);
  assert.ok(cases.filter(({ outcome }) => outcome === "passed").length > 300);
});

for (const { fault, case: name, only, reason, hooks } of [...faults, ...longPollFaults]) {
  test(`it finds a server that ${fault}`, async (t) => {
    const server = await start(t, hooks);

    const report = await conform(server.url, { ...all, only, case: name });

    assertFound(report, reason);
  });
}

// Only a time limit shows that a message is missing. If the machine were so slow that another message also arrived too
// late, the test would still rightly find a failure. They run concurrently, since they only wait.
describe("a missing message", { concurrency: true }, () => {
  for (const { fault, case: name, only, hooks } of missing) {
    test(`it finds a server that ${fault}`, async (t) => {
      const server = await start(t, hooks);

      const report = await conform(server.url, { ...all, only, case: name, timeout: 5000 });

      assertFound(report, /nothing came within 5000 ms|no message came within 5000 ms|no answer within 5000 ms/);
    });
  }
});

test("another order of members, white space and escapes pass", async (t) => {
  const server = await start(t, {
    encode: (frame, vsn, encode) => {
      const { status, response, ...other } = frame.payload;
      const payload = status === undefined ? other : { response, status };
      return encode({ ...frame, payload }, vsn).replace("phx_reply", "phx_\\u0072eply").replaceAll(',"', ' ,\t"');
    },
  });

  const { code, stdout } = await conform(server.url, { ...all, only: "join,heartbeat,leave,push,v1" });

  assert.equal(code, 0, stdout);
  assert.match(stdout, /, [1-9]\d* as JSON/);
});

test("pushes and broadcasts of the application are skipped", async (t) => {
  const server = await start(t, {
    frames: (frames, { event, topic, joinRef, ref }) => {
      const own = joinRef === "null" ? ref : joinRef;
      const chatter = [
        { joinRef: own, ref: "null", topic, event: "welcome", payload: {} },
        { joinRef: "null", ref: "null", topic, event: "news", payload: { text: "phx_close" } },
      ];
      return event === "phx_join" && frames[0].payload.status === "ok" ? [...frames, ...chatter] : frames;
    },
  });

  const { code, stdout } = await conform(server.url, { ...all, only: "join,duplicate-join,leave,push,v1,presence" });

  assert.equal(code, 0, stdout);
});

test("wss and https", async (t) => {
  const certificate = selfSigned();
  const directory = await mkdtemp(join(tmpdir(), "conformance-"));
  t.after(() => rm(directory, { recursive: true }));
  const authority = join(directory, "certificate.pem");
  await writeFile(authority, certificate.cert);
  const server = await start(t, {}, certificate);

  const trusted = await conform(server.url, { only: "join,long-poll" }, { NODE_EXTRA_CA_CERTS: authority });
  const untrusted = await run(["--url", server.url, "--topic", "room:lobby"]);

  assert.match(server.url, /^wss:/);
  assert.equal(trusted.code, 0, trusted.stdout);
  assert.equal(untrusted.code, 2);
  assert.match(untrusted.stderr, /^No answer from wss:.*self-signed certificate/);
});

test("a failure is reported with its rule and its frames", async (t) => {
  const server = await start(t, { frames: ([frame, ...more]) => [{ ...frame, joinRef: '"0"' }, ...more] });

  const { code, stdout } = await conform(server.url, { only: "heartbeat", skip: "long-poll", case: "with its ref" });

  assert.equal(code, 1);
  assert.match(stdout, /^FAIL  heartbeat +a heartbeat is answered with its ref$/m);
  assert.ok(stdout.includes([
    "FAIL  heartbeat: a heartbeat is answered with its ref",
    "      rule       docs/protocol.md, 'Events' / socket.ex handle_in heartbeat",
    '      reason     at [0]: expected null, received "0"',
    "      sent       GET /socket/websocket?vsn=2.0.0",
    "      expected   101  sec-websocket-protocol: (none)",
    "      received   101  sec-websocket-protocol: (none)",
    '      sent       [null,"1","phoenix","heartbeat",{}]',
    '      expected   [null,"1","phoenix","phx_reply",{"status":"ok","response":{}}]',
    '      received   ["0","1","phoenix","phx_reply",{"status":"ok","response":{}}]',
    "",
    "0 passed, 1 failed, 0 skipped",
  ].join("\n")), stdout);
});

test("a case without its option is skipped, and names the option", async (t) => {
  const server = await start(t);

  const { code, skipped, cases } = await conform(server.url, { only: "push", skip: "long-poll", case: "crash" });

  assert.equal(code, 0);
  assert.equal(skipped, 2);
  assert.deepEqual(cases.map(({ outcome, reason }) => `${outcome}: ${reason}`),
    ["skipped: needs --crash-event", "skipped: needs --crash-event"]);
});

const there = ["--url", "ws://localhost:1/socket", "--topic", "room:lobby"];
for (const [args, said] of [
  [[...there, "--colour", "red"], /^Unknown option '--colour'/],
  [["--topic", "room:lobby"], /^--url is missing/],
  [["--url", "ws://localhost:1/socket"], /^--topic is missing/],
  [[...there, "extra"], /^Unexpected argument 'extra'/],
  [[...there, "--url", "localhost"], /^--url localhost: not a ws:\/\/ or wss:\/\/ address/],
  [[...there, "--url", "ws://localhost:1/socket/websocket"], /leave out the last part of the path/],
  [[...there, "--url", "ws://localhost:1/socket?a=1"], /give parameters with --connect-params/],
  [[...there, "--params", "{"], /^--params \{: not JSON/],
  [[...there, "--only", "joins"], /^--only joins: no such section; valid sections: connecting, /],
  [[...there, "--timeout", "soon"], /^--timeout soon: not a number/],
  [[...there, "--push-event", "push"], /^--push-event push: not of the form IN=OUT/],
  [[...there, "--topic-pattern", "room:1"], /^--topic-pattern must contain "<n>"/],
  [there, /^No answer from ws:\/\/localhost:1\/socket: /],
]) {
  test(`wrong usage ends with 2: ${args.join(" ")}`, async () => {
    const { code, stdout, stderr } = await run(args);

    assert.equal(code, 2);
    assert.equal(stdout, "");
    assert.match(stderr, said);
  });
}

test("the README lists every option that --help does", async () => {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");

  const { code, stdout } = await run(["--help"]);

  assert.equal(code, 0);
  const options = [...stdout.matchAll(/^ {2}--(\S+)/gm)].map(([, name]) => name);
  assert.ok(options.includes("url") && options.length > 15);
  const documented = [...readme.matchAll(/^\| `--([\w-]+)/gm)].map(([, name]) => name);
  assert.deepEqual(documented, options);
});

test("the cases can be listed without a server", async () => {
  const { code, stdout } = await run(["--list", "--only", "leave", "--case", "phx_close"]);

  assert.equal(code, 0);
  assert.ok(stdout.startsWith([
    "leave: the reply, then phx_close with the join_ref as its ref",
    "  rule       docs/protocol.md, 'Events' / channel/server.ex phx_leave",
    '  send       ["1","1","<topic>","phx_join",<params>]',
    '  expect     ["1","1","<topic>","phx_reply",{"status":"ok","response":<response>}]',
    '  send       ["1","2","<topic>","phx_leave",{}]',
    '  expect     ["1","2","<topic>","phx_reply",{"status":"ok","response":{}}]',
    '  expect     ["1","1","<topic>","phx_close",{}]',
  ].join("\n")), stdout);
});

async function start(t, hooks, certificate) {
  const server = await TinyPhoenix.start(hooks, certificate);
  t.after(() => server.stop());
  return server;
}

function assertFound({ code, stdout, tests, failures, cases }, reason) {
  assert.equal(code, 1, stdout);
  assert.ok(tests > 0 && failures === tests, stdout);
  for (const failed of cases) {
    assert.match(failed.reason, reason);
  }
}
