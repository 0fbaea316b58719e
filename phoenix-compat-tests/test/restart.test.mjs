import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Client } from "../support/client.mjs";
import { assertShowsDatabase } from "../support/database.mjs";
import { orderDraft } from "../support/rest.mjs";
import { KaffediemServer } from "../support/server.mjs";
import { versions, versionsOverLongPoll } from "../support/versions.mjs";

const server = await KaffediemServer.start();
after(() => server.stop());

const ends = [
  { name: "killed", end: () => server.kill(), sendsCloseFrame: false },
  { name: "shut down", end: () => server.shutDown(), sendsCloseFrame: true },
];

// All versions at once, over both transports, because they share the server that is ended.
const all = [...versions, ...versionsOverLongPoll];

for (const { name, end, sendsCloseFrame } of ends) {
  test(`the server is ${name} and started again: every client reconnects and misses nothing`, async (t) => {
    const clients = await Promise.all(all.map((version) => Client.open(version, server, { impatient: true })));
    const before = await server.rest.create("order", orderDraft);
    await Promise.all(clients.map((client) => client.order.change("create", before.id)));

    // Writes while the server ends: some are acknowledged and others are not; the test does not depend on which.
    const during = Array.from({ length: 50 }, () => server.rest.create("order", orderDraft));
    await Promise.race(during);
    await end();
    const outcomes = await Promise.allSettled(during);
    await server.restart();
    // Written before or after the rejoin of each client, by chance.
    const later = await Promise.all(Array.from({ length: 10 }, () => server.rest.create("order", orderDraft)));

    const acknowledged = outcomes.filter(({ status }) => status === "fulfilled").map(({ value }) => value);
    const stored = new Set((await server.rest.list("order")).map(({ id }) => id));
    assert.ok([before, ...acknowledged, ...later].every(({ id }) => stored.has(id)), "an acknowledged order is lost");

    for (const [index, client] of clients.entries()) {
      await t.test(all[index].name, async () => {
        await Promise.all(client.stores.map((store) => store.until(() => store.snapshots > 1, "the rejoin")));
        const last = await server.rest.create("order", orderDraft);
        await client.order.change("create", last.id);

        await client.fence(server);
        await assertShowsDatabase(client, server);
        if (versions.includes(all[index])) {
          assert.equal(client.closeCodes[0], sendsCloseFrame ? 1012 : 1006);
        }
        await client.close();
      });
    }
  });
}
