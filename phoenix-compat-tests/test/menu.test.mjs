import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Client } from "../support/client.mjs";
import { assertShowsMenu } from "../support/database.mjs";
import { KaffediemServer } from "../support/server.mjs";
import { versions } from "../support/versions.mjs";

const server = await KaffediemServer.start();
after(() => server.stop());

// As the admin pages send them; they send the id 0 for a new record.
const named = { id: 0, name: "Ny", enable: true, sort_order: -5 };
const writes = [
  { collection: "category", list: "categories", draft: { ...named, valid_customizations: [1, 2] } },
  { collection: "item", list: "items", draft: { ...named, price_nok: 30, category_id: 1, image: "" } },
  {
    collection: "customization_key",
    list: "customization_keys",
    draft: { ...named, label_color: "#ff0000", default_value: "", multiple_choice: true },
  },
  {
    collection: "customization_value",
    list: "customization_values",
    draft: { ...named, price_increment_nok: 5, constant_price: false, belongs_to: 1 },
  },
];

for (const version of versions) {
  for (const { collection, list, draft } of writes) {
    test(`${version.name}: ${collection}: create, PATCH and DELETE each broadcast the whole menu`, async () => {
      const client = new Client(version, server);
      const store = client.store("menu");
      client.message = client.store("message");
      await Promise.all([store.joined(), client.message.joined()]);
      const find = ({ id }) => store.menu.indexes[list].find((record) => record.id === id);

      const created = await server.rest.create(collection, draft);
      await menus(store, 1);
      assert.deepEqual(find(created), created);
      await assertShowsMenu(store.menu, server);

      const updated = await server.rest.update(collection, created.id, { ...draft, id: created.id, name: "Nyere" });
      await menus(store, 2);
      assert.equal(find(created).name, "Nyere");
      assert.deepEqual(find(created), updated);
      await assertShowsMenu(store.menu, server);

      await server.rest.delete(collection, created.id);
      await menus(store, 3);
      assert.equal(find(created), undefined);
      await assertShowsMenu(store.menu, server);

      await client.fence(server);
      assert.deepEqual(store.changes.map((change) => change.action), ["update", "update", "update"]);
      assert.deepEqual(store.menu, await joinedAnew(version));
      await client.close();
    });
  }
}

function menus(store, count) {
  return store.until(() => store.changes.length >= count, `menu number ${count}`);
}

async function joinedAnew(version) {
  const client = new Client(version, server);
  const store = client.store("menu");
  await store.joined();
  await client.close();
  return store.menu;
}
