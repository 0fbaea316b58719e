import assert from "node:assert/strict";
import { test } from "node:test";
import { opener } from "../support/scenario.mjs";

/** All rows at once, because they share the server that is ended. */
export function restarting(rows, server) {
  const ends = [
    { name: "killed", end: () => server.kill(), code: 1006 },
    { name: "shut down", end: () => server.shutDown(), code: 1012 },
  ];

  for (const { name, end, code } of ends) {
    test(`the server is ${name} and started again: all clients rejoin and get later broadcasts`, async (context) => {
      const topic = `room:${name}`;
      const peers = await Promise.all(rows.map((row) => opener(context, row, server)()));
      await Promise.all(peers.map((peer) => peer.join(topic)));
      await server.broadcast(topic, "news", { n: 1 });
      await Promise.all(peers.map((peer) => peer.heard(topic, "news", 1)));

      await end();
      await server.restart();
      await Promise.all(peers.map((peer) => peer.joined(topic, 2).catch(() => {}))); // reported below, row by row
      await server.broadcast(topic, "news", { n: 2 });

      for (const [index, peer] of peers.entries()) {
        await context.test(rows[index].name, async () => {
          await peer.joined(topic, 2);
          assert.deepEqual(await peer.heard(topic, "news", 2), [{ n: 1 }, { n: 2 }]);
          assert.deepEqual(await peer.push(topic, "echo", { n: 3 }), { status: "ok", response: { n: 3 } });
          if (rows[index].transport === "websocket") {
            assert.equal((await peer.closeCodes())[0], code);
          }
        });
      }
    });
  }
}
