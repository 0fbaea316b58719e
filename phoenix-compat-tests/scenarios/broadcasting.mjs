import assert from "node:assert/strict";
import { scenario } from "../support/scenario.mjs";

export function broadcasting(rows, server) {
  const all = { rows, server };

  const essential = { ...all, essential: true };

  scenario("a broadcast reaches all clients, and one 'from' a client all others", essential, async ({ open, topic }) => {
    const [speaker, listener] = [await open(), await open()];
    await speaker.join(topic);
    await listener.join(topic);
    await listener.join(`${topic}:other`);

    await speaker.push(topic, "shout", { to: "all ☕" });
    await speaker.push(topic, "shout_from", { to: "others" });
    await server.broadcast(topic, "last", {});

    await Promise.all([speaker.heard(topic, "last"), listener.heard(topic, "last")]);
    assert.deepEqual(await speaker.heard(topic, "shouted"), [{ to: "all ☕" }]);
    assert.deepEqual(await listener.heard(topic, "shouted"), [{ to: "all ☕" }, { to: "others" }]);
    assert.deepEqual(await listener.heard(`${topic}:other`, "shouted", 0), []);
  });

  scenario("a push from the server reaches only its client", all, async ({ open, topic }) => {
    const [one, other] = [await open(), await open()];
    await one.join(topic);
    await other.join(topic);

    await one.push(topic, "push", { for: "you" });
    await server.broadcast(topic, "last", {});

    await Promise.all([one.heard(topic, "last"), other.heard(topic, "last")]);
    assert.deepEqual(await one.heard(topic, "pushed"), [{ for: "you" }]);
    assert.deepEqual(await other.heard(topic, "pushed", 0), []);
  });

  scenario("broadcasts arrive once each, in order", all, async ({ open, topic }) => {
    const peer = await open();
    await peer.join(topic);
    const numbers = Array.from({ length: 50 }, (_, n) => n);

    for (const n of numbers) {
      await server.broadcast(topic, "news", { n });
    }
    await server.broadcast(topic, "last", {});

    await peer.heard(topic, "last");
    assert.deepEqual(await peer.heard(topic, "news"), numbers.map((n) => ({ n })));
  });
}
