import assert from "node:assert/strict";
import { scenario } from "../support/scenario.mjs";

export function joining(rows, server) {
  const all = { rows, server };

  scenario("an accepted join gets the channel's reply", { ...all, essential: true }, async ({ open, topic }) => {
    const peer = await open();

    const admitted = await peer.join(topic, { name: "Åse ☕", nested: { list: [1, null, "x"] } });

    assert.deepEqual(admitted, { status: "ok", response: { name: "Åse ☕", nested: { list: [1, null, "x"] } } });
    assert.equal(await peer.state(topic), "joined");
  });

  scenario("a refused join gets the channel's reason, and the socket stays open", all, async ({ open, topic }) => {
    const peer = await open();

    const refused = await peer.join(topic, { deny: { reason: "full", seats: 0 } });
    await peer.leave(topic); // otherwise it would try again forever

    assert.deepEqual(refused, { status: "error", response: { reason: "full", seats: 0 } });
    await assertWorks(peer, `${topic}:other`);
  });

  scenario("a join that crashes is refused, and the socket stays open", all, async ({ open, topic }) => {
    const peer = await open();

    const refused = await peer.join(topic, { crash: true });
    await peer.leave(topic);

    assert.deepEqual(refused, { status: "error", response: { reason: "join crashed" } });
    await assertWorks(peer, `${topic}:other`);
  });

  scenario("a join of an unmatched topic is refused", all, async ({ open, topic }) => {
    const peer = await open();

    const refused = await peer.join(`no${topic}`);
    await peer.leave(`no${topic}`);

    assert.deepEqual(refused, { status: "error", response: { reason: "unmatched topic" } });
    await assertWorks(peer, topic);
  });

  scenario("no messages arrive after a leave", all, async ({ open, topic }) => {
    const peer = await open();
    await peer.join(topic);
    await peer.join(`${topic}:other`);

    assert.equal((await peer.leave(topic)).status, "ok"); // phoenix.js does not wait for the reply
    assert.equal(await peer.state(topic), "closed");
    await server.log.match(new RegExp(`${topic} ended: Left`));
    await server.broadcast(topic, "news", {});
    await server.broadcast(`${topic}:other`, "last", {});

    await peer.heard(`${topic}:other`, "last");
    assert.deepEqual(await peer.heard(topic, "news", 0), []);
  });

  const succeeding = { ...all, needs: "successor" };

  scenario("a topic can be joined again right after a leave", succeeding, async ({ open, topic }) => {
    const peer = await open();
    await peer.join(topic);

    await peer.leave(topic);
    await assertBelongsTo(peer, topic);
  });

  scenario("a topic joined twice belongs to the later channel", succeeding, async ({ open, topic }) => {
    const peer = await open();
    await peer.join(topic);

    await assertBelongsTo(peer, topic);
  });

  async function assertBelongsTo(peer, topic) {
    await assertWorks(peer, topic);
    await server.broadcast(topic, "news", { n: 1 });
    await server.broadcast(topic, "last", {});
    await peer.heard(topic, "last");
    assert.deepEqual(await peer.heard(topic, "news"), [{ n: 1 }]);
    assert.equal(await peer.state(topic), "joined");
  }
}

async function assertWorks(peer, topic) {
  assert.equal((await peer.join(topic)).status, "ok");
  assert.deepEqual(await peer.push(topic, "echo", { n: 1 }), { status: "ok", response: { n: 1 } });
  assert.deepEqual(await peer.closeCodes(), []);
}
