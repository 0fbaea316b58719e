import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Client } from "../support/client.mjs";
import { assertShowsDatabase } from "../support/database.mjs";
import { orderDraft } from "../support/rest.mjs";
import { KaffediemServer } from "../support/server.mjs";
import { versions } from "../support/versions.mjs";

const server = await KaffediemServer.start();
after(() => server.stop());

const writes = [
  { collection: "order", draft: orderDraft, patch: { state: "production" } },
  { collection: "message", draft: { title: "", subtitle: null }, patch: { title: "Stengt", subtitle: "i dag" } },
  {
    collection: "status",
    draft: { open: false, show_message: false, message_id: null },
    patch: { open: true, show_message: true, message_id: null },
  },
];

for (const version of versions) {
  for (const { collection, draft, patch } of writes) {
    test(`${version.name}: ${collection}: create, update and delete arrive once each, as saved`, async () => {
      const client = await Client.open(version, server);
      const store = client[collection];

      const created = await server.rest.create(collection, draft);
      assert.deepEqual((await store.change("create", created.id)).record, created);
      assert.deepEqual(store.records.at(-1), created);

      const updated = await server.rest.update(collection, created.id, patch);
      assert.deepEqual((await store.change("update", created.id)).record, updated);
      assert.deepEqual(updated, { ...created, ...patch, ...timesOf(updated) });
      assert.deepEqual(store.records.at(-1), updated);

      await server.rest.delete(collection, created.id);
      assert.deepEqual((await store.change("delete", created.id)).record, { id: created.id });

      await client.fence(server);
      assert.deepEqual(store.actionsOn(created.id), ["create", "update", "delete"]);
      await assertShowsDatabase(client, server);
      await client.close();
    });
  }
}

function timesOf({ updated_at, updated }) {
  return updated === undefined ? { updated_at } : { updated_at, updated };
}
