import assert from "node:assert/strict";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Client } from "../support/client.mjs";
import { assertShowsDatabase } from "../support/database.mjs";
import { orderDraft } from "../support/rest.mjs";
import { KaffediemServer } from "../support/server.mjs";
import { versions } from "../support/versions.mjs";

// A file written by Kaffebase.
const database = fileURLToPath(new URL("../../IntegrationTests/Data/kaffebase.db", import.meta.url));
const server = await KaffediemServer.start({ database });
after(() => server.stop());

for (const version of versions) {
  test(`${version.name}: a Kaffebase file is served unchanged, and can be written`, async () => {
    const archivist = new Client(version, server);
    const everyDay = archivist.store("order");
    await everyDay.joined();
    assert.deepEqual(everyDay.records, await server.rest.list("order"));
    assert.ok(everyDay.records.length > 0, "the file has no orders");
    await archivist.close();
    const client = await Client.open(version, server);
    await assertShowsDatabase(client, server);

    const placed = await server.rest.create("order", orderDraft);
    assert.deepEqual((await client.order.change("create", placed.id)).record, placed);
    const updated = await server.rest.update("order", placed.id, { state: "production" });
    assert.deepEqual((await client.order.change("update", placed.id)).record, updated);
    assert.equal(updated.state, "production");
    await assertShowsDatabase(client, server);
    await server.rest.delete("order", placed.id);
    await client.order.change("delete", placed.id);
    await assertShowsDatabase(client, server);

    await client.close();
  });
}

test("the administrator of a Kaffebase file can sign in with the old password", async () => {
  const credentials = { email: "admin@kaffediem.test", password: "kaffediem" };
  const { data } = await server.rest.send("POST", "/api/session", 200, credentials);
  assert.equal(data.is_admin, true);
});
