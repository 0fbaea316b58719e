import assert from "node:assert/strict";
import { scenario } from "../support/scenario.mjs";

export function pushing(rows, server) {
  const all = { rows, server };

  const essential = { ...all, essential: true };

  scenario("a push is answered with ok, error or a custom status", essential, async ({ open, topic }) => {
    const peer = await open();
    await peer.join(topic);

    const payload = { text: "kaffe \"svart\" ☕\n", list: [1, 2.5, -3e-7], none: null };
    assert.deepEqual(await peer.push(topic, "echo", payload), { status: "ok", response: payload });
    assert.deepEqual(await peer.push(topic, "error", payload), { status: "error", response: payload });
    assert.deepEqual(await peer.push(topic, "teapot", payload), { status: "teapot", response: payload });
    assert.deepEqual(await peer.push(topic, "nonsense", payload), {
      status: "error",
      response: { reason: "unknown event", event: "nonsense" },
    });
  });

  scenario("a push without an answer times out, and the channel stays", all, async ({ open, topic }) => {
    const peer = await open();
    await peer.join(topic);

    assert.equal((await peer.push(topic, "silent", {}, 200)).status, "timeout");

    assert.deepEqual(await peer.push(topic, "echo", { n: 1 }), { status: "ok", response: { n: 1 } });
    assert.equal(await peer.state(topic), "joined");
  });

  scenario("each of many concurrent pushes gets its own answer", all, async ({ open, topic }) => {
    const peer = await open();
    await peer.join(topic);
    const numbers = Array.from({ length: 60 }, (_, n) => n);

    const answers = await Promise.all(numbers.map((n) => peer.push(topic, "echo", { n })));

    assert.deepEqual(answers, numbers.map((n) => ({ status: "ok", response: { n } })));
  });

  scenario("a crashed channel is joined again, and no other", all, async ({ open, topic }) => {
    const peer = await open();
    await peer.join(topic);
    await peer.join(`${topic}:other`);

    const push = peer.push(topic, "crash", {}, 200);

    assert.deepEqual((await peer.heard(topic, "phx_error"))[0], { reason: "channel_crash" });
    await peer.joined(topic, 2);
    assert.equal((await push).status, "timeout");
    assert.deepEqual(await peer.push(topic, "echo", { n: 1 }), { status: "ok", response: { n: 1 } });
    assert.deepEqual(await peer.push(`${topic}:other`, "echo", { n: 2 }), { status: "ok", response: { n: 2 } });
    assert.deepEqual(await peer.heard(`${topic}:other`, "phx_error", 0), []);
    assert.deepEqual(await peer.closeCodes(), []);
  });

  scenario("a channel that stops replies first, and is not joined again", all, async ({ open, topic }) => {
    const peer = await open();
    await peer.join(topic);

    assert.deepEqual(await peer.push(topic, "stop", { bye: true }), { status: "ok", response: { bye: true } });

    await peer.becomes(topic, "closed");
    assert.deepEqual(await peer.closeCodes(), []);
  });
}
