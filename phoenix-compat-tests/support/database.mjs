import assert from "node:assert/strict";

/** Throws unless the client's stores equal the content of the database. */
export async function assertShowsDatabase(client, server) {
  const { rest } = server;
  // Orders are in the order in which they were placed, in the snapshot and as single changes.
  assert.deepEqual(client.order.records, await rest.list("order", "?from_date=today"));
  // New messages are shown last until the next snapshot, which sorts them by title.
  assert.deepEqual(byId(client.message.records), byId(await rest.list("message")));
  assert.deepEqual(byId(client.status.records), byId(await rest.list("status")));
  await assertShowsMenu(client.menu.menu, server);
}

/** Throws unless the menu matches the content of its four collections. */
export async function assertShowsMenu(menu, { rest }) {
  const items = await rest.list("item");
  const values = await rest.list("customization_value");
  assert.deepEqual(menu.indexes, {
    categories: await rest.list("category"),
    items,
    items_by_category: group(items, "category_id"),
    customization_keys: await rest.list("customization_key"),
    customization_values: values,
    customizations_by_key: group(values, "belongs_to"),
  });
}

function byId(records) {
  return records.toSorted((one, other) => one.id - other.id);
}

// A group without members may be missing or empty; the server omits it.
function group(records, key) {
  const groups = {};
  for (const record of records) {
    (groups[record[key]] ??= []).push(record);
  }
  return groups;
}
