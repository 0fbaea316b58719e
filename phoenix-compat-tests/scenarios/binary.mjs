import assert from "node:assert/strict";
import { scenario } from "../support/scenario.mjs";

const everyByte = { bytes: Array.from({ length: 256 }, (_, byte) => byte) };
const none = { bytes: [] };

export function binary(rows, server) {
  const able = { rows, server, needs: "binary" };

  scenario("binary pushes get binary replies", able, async ({ open, topic }) => {
    const peer = await open();
    await peer.join(topic);

    assert.deepEqual(await peer.push(topic, "echo", everyByte), { status: "ok", response: everyByte });
    assert.deepEqual(await peer.push(topic, "error", everyByte), { status: "error", response: everyByte });
    assert.deepEqual(await peer.push(topic, "teapot", none), { status: "teapot", response: none });
    assert.deepEqual(await peer.push(topic, "echo", { n: 1 }), { status: "ok", response: { n: 1 } });
  });

  scenario("binary broadcasts and pushes arrive in order with JSON", able, async ({ open, topic }) => {
    const [speaker, listener] = [await open(), await open()];
    await speaker.join(topic);
    await listener.join(topic);

    await speaker.push(topic, "shout", everyByte);
    await speaker.push(topic, "shout", { n: 1 });
    await speaker.push(topic, "shout_from", { bytes: [1] });
    await server.broadcast(topic, "shouted", { bytes: [2] });
    await speaker.push(topic, "push", { bytes: [3] });

    assert.deepEqual(await listener.heard(topic, "shouted", 4), [everyByte, { n: 1 }, { bytes: [1] }, { bytes: [2] }]);
    assert.deepEqual(await speaker.heard(topic, "shouted", 3), [everyByte, { n: 1 }, { bytes: [2] }]);
    assert.deepEqual(await speaker.heard(topic, "pushed"), [{ bytes: [3] }]);
    assert.deepEqual(await listener.heard(topic, "pushed", 0), []);
  });

  // The server infers binary support from version and transport. So it takes 1.3.5 and 1.4.17, which lack it, for any
  // other client with V2 over WebSocket.
  const unable = { rows: rows.filter((row) => row.isTextOnly), server };
  const refusal = { reason: "binary payloads need vsn 2.0.x over a WebSocket" };

  scenario("a client without binary support gets an error instead of bytes", unable, async ({ open, topic }) => {
    const peer = await open();
    await peer.join(topic);

    assert.deepEqual(await peer.push(topic, "bytes"), { status: "error", response: refusal });
    await server.broadcast(topic, "shouted", { bytes: [1] });

    assert.deepEqual(await peer.heard(topic, "phx_error"), [refusal]);
    await peer.joined(topic, 2);
    assert.deepEqual(await peer.push(topic, "echo", { n: 1 }), { status: "ok", response: { n: 1 } });
    assert.deepEqual(await peer.closeCodes(), []);
  });
}
