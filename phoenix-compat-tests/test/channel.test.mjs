import assert from "node:assert/strict";
import { after, test } from "node:test";
import { answer, Client } from "../support/client.mjs";
import { orderDraft } from "../support/rest.mjs";
import { KaffediemServer } from "../support/server.mjs";
import { versions } from "../support/versions.mjs";

const server = await KaffediemServer.start();
after(() => server.stop());

for (const version of versions) {
  test(`${version.name}: after a leave the channel is closed and no change arrives`, async () => {
    const client = await Client.open(version, server);

    assert.equal((await answer(client.order.channel.leave())).status, "ok");
    await client.order.until(() => client.order.channel.state === "closed", "the close");
    await server.rest.create("order", orderDraft);
    await client.fence(server);

    assert.deepEqual(client.order.changes, []);
    await client.close();
  });

  const skip = version.lacks.successor;

  test(`${version.name}: a topic that was left can be joined again, with the missed orders`, { skip }, async () => {
    const client = await Client.open(version, server);
    assert.equal((await answer(client.order.channel.leave())).status, "ok");
    const missed = await server.rest.create("order", orderDraft);

    const again = client.store("order", { from_date: "today" });
    await again.joined();
    assert.deepEqual(again.records.at(-1), missed);
    const { id } = await server.rest.create("order", orderDraft);
    await again.change("create", id);

    await client.fence(server);
    assert.deepEqual(again.changes.map((change) => change.record.id), [id]);
    assert.deepEqual(client.order.changes, []);
    await client.close();
  });

  test(`${version.name}: channels on one socket are independent`, async () => {
    const client = await Client.open(version, server);

    const order = await server.rest.create("order", orderDraft);
    await client.order.change("create", order.id);
    assert.equal((await answer(client.status.channel.leave())).status, "ok");
    const next = await server.rest.create("order", orderDraft);
    await client.order.change("create", next.id);
    await client.fence(server);

    assert.deepEqual(client.order.changes.map((change) => change.record.id), [order.id, next.id]);
    assert.equal(client.message.changes.length, 1); // the fence
    assert.deepEqual(client.status.changes, []);
    assert.deepEqual(client.menu.changes, []);
    assert.deepEqual(client.stores.map((store) => store.channel.state), ["joined", "joined", "closed", "joined"]);
    await client.close();
  });

  test(`${version.name}: a topic joined twice delivers changes once, to the later channel`, { skip }, async () => {
    const client = await Client.open(version, server);

    const later = client.store("order", { from_date: "today" });
    await later.joined();
    await client.order.until(() => client.order.channel.state === "closed", "the first channel's close");
    const { id } = await server.rest.create("order", orderDraft);
    await later.change("create", id);
    await client.fence(server);

    assert.deepEqual(later.actionsOn(id), ["create"]);
    assert.deepEqual(client.order.changes, []);
    assert.deepEqual(later.records, await server.rest.list("order", "?from_date=today"));
    await client.close();
  });
}
