import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { Client } from "../support/client.mjs";
import { KaffediemServer } from "../support/server.mjs";
import { versions } from "../support/versions.mjs";

const server = await KaffediemServer.start();
after(() => server.stop());

// phoenix.js abandons a socket that has not answered within one interval. The interval is long enough for a busy
// machine, and short enough to see several heartbeats. All versions run at once, since they only wait.
const heartbeatIntervalMs = 3000;
const heartbeats = 3;

describe("heartbeat", { concurrency: true }, () => {
  for (const version of versions) {
    test(`${version.name}: is answered, and the socket stays open`, async () => {
      const client = new Client(version, server, { heartbeatIntervalMs });
      const replies = [];
      client.socket.onMessage(({ topic, event, payload }) => {
        if (topic === "phoenix" && event === "phx_reply") {
          replies.push(payload);
          client.signal.raise();
        }
      });

      await client.signal.until(() => replies.length >= heartbeats, `${heartbeats} heartbeats' replies`);

      assert.deepEqual(replies, Array(heartbeats).fill({ status: "ok", response: {} }));
      assert.deepEqual(client.closeCodes, []);
      assert.equal(client.opened, 1);
      assert.ok(client.socket.isConnected());
      await client.close();
    });
  }
});
