import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { Socket } from "phoenix-1.8.16";
import WebSocket from "ws";
import { answer } from "../support/client.mjs";
import { PackedSample } from "../support/packedSample.mjs";
import { LIMIT_MS } from "../support/signal.mjs";

// The sample of the package's README, built against the package the way a new user would build it.
const sample = await PackedSample.start();
after(() => sample.stop());

test("the README's chat server is 25 lines of code, works when pasted, and relays a message", async () => {
  const code = sample.code.split("\n").filter((line) => line.trim() !== "");
  assert.ok(code.length <= 25, `${code.length} lines`);

  const [speaker, listener] = [joinLobby(), joinLobby()];
  const heard = new Promise((resolve) => listener.on("shout", resolve));
  assert.equal((await answer(speaker.joinPush)).status, "ok");
  assert.equal((await answer(listener.joinPush)).status, "ok");
  assert.equal((await answer(speaker.push("shout", { text: "hello" }))).status, "ok");

  assert.deepEqual(await heard, { text: "hello" });
});

test("the packed README is the one that was tested", async () => {
  assert.equal(await readFile(sample.packedReadme, "utf8"), await readFile(sample.readme, "utf8"));
});

function joinLobby() {
  const socket = new Socket(sample.socketUrl, { transport: WebSocket, timeout: LIMIT_MS });
  socket.connect();
  after(() => socket.disconnect());
  const channel = socket.channel("room:lobby");
  channel.join();
  return channel;
}
