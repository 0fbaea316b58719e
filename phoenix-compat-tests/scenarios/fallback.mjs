import assert from "node:assert/strict";
import { scenario } from "../support/scenario.mjs";

/** phoenix.js falls back to long-poll where WebSocket does not work (`longPollFallbackMs`). */
export function fallback(all, server) {
  const rows = all.filter((row) => row.transport === "websocket"); // only WebSocket can be blocked
  for (const how of ["refused", "silent"]) {
    const able = { rows, server, needs: "fallback" };
    scenario(`where WebSocket is ${how}, a client falls back to long-poll and works`, able,
      async ({ row, context, topic }) => {
        const peer = await openBlocked(context, row, how, topic);

        const admitted = await peer.join(topic, { name: "anna" });
        await server.broadcast(topic, "news", { n: 1 });

        assert.deepEqual(admitted, { status: "ok", response: { name: "anna" } });
        assert.equal((await peer.push(topic, "whoami")).response.transport, "longpoll");
        assert.deepEqual(await peer.heard(topic, "news"), [{ n: 1 }]);
        assert.equal(await peer.session("phx:fallback:LongPoll"), "true");
      });

    const lasting = { rows, server, needs: "fallbackReturn" };
    scenario(`where WebSocket is ${how}, a client reconnects over long-poll`, lasting,
      async ({ row, context, topic }) => {
        const peer = await openBlocked(context, row, how, topic);
        await peer.join(topic);

        await server.disconnect(topic);
        await peer.joined(topic, 2);

        assert.equal((await peer.push(topic, "whoami")).response.transport, "longpoll");
      });
  }

  scenario("where WebSocket works, a client keeps using it", { rows, server, needs: "fallback" },
    async ({ open, topic }) => {
      const peer = await open({ longPollFallbackMs: 60_000 });

      await peer.join(topic);

      assert.equal((await peer.push(topic, "whoami")).response.transport, "websocket");
      assert.equal(await peer.session("phx:fallback:LongPoll"), null);
    });

  async function openBlocked(context, row, how, id) {
    const peer = await row.openBlocked(server.socketUrl, how, { longPollFallbackMs: 500, params: { id } });
    context.after(() => peer.close());
    return peer;
  }
}
