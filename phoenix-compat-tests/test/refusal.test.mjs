import assert from "node:assert/strict";
import { after, test } from "node:test";
import { answer, Client } from "../support/client.mjs";
import { orderDraft } from "../support/rest.mjs";
import { KaffediemServer } from "../support/server.mjs";
import { versions } from "../support/versions.mjs";

const server = await KaffediemServer.start();
after(() => server.stop());
server.log.expect('A client joined the collection "nothing"');

for (const version of versions) {
  test(`${version.name}: joining an unmatched topic fails`, async () => {
    const client = new Client(version, server);

    const channel = client.socket.channel("room:lobby", {});
    const refusal = await answer(channel.join());
    channel.leave();

    assert.deepEqual(refusal, { status: "error", response: { reason: "unmatched topic" } });
    assert.deepEqual(client.closeCodes, []);
    await client.close();
  });

  test(`${version.name}: an unknown collection is empty`, async () => {
    const client = new Client(version, server);

    const { status, response } = await answer(client.store("nothing").join);

    assert.equal(status, "ok");
    assert.deepEqual(response.items, []);
    await client.close();
  });

  test(`${version.name}: invalid options are refused, and the front end's store is emptied`, async () => {
    const client = new Client(version, server);

    const store = client.store("order", { customer_id: "nobody" });
    await store.until(() => store.refusals > 0, "the refusal");
    store.channel.leave();

    assert.deepEqual(store.records, []);
    await client.close();
  });

  test(`${version.name}: an unknown event is answered with an error, and the channel stays joined`, async () => {
    const client = await Client.open(version, server);

    const { status, response } = await answer(client.order.channel.push("make_tea", { cups: 2 }));

    assert.equal(status, "error");
    assert.equal(response.reason, "unknown event");
    const { id } = await server.rest.create("order", orderDraft);
    await client.order.change("create", id);
    assert.equal(client.order.snapshots, 1);
    await client.close();
  });
}
