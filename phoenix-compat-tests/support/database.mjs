import assert from "node:assert/strict";

/** Throws unless the screen shows what the database holds. */
export async function assertShowsDatabase(client, server) {
  const { rest } = server;
  // Orders come in the order they were placed, both in the snapshot and one by one.
  assert.deepEqual(client.order.records, await rest.list("order", "?from_date=today"));
  // New messages are shown last until the next snapshot, which sorts them by title.
  assert.deepEqual(byId(client.message.records), byId(await rest.list("message")));
  assert.deepEqual(byId(client.status.records), byId(await rest.list("status")));
  await assertShowsMenu(client.menu.menu, server);
}

/** Throws unless the menu is made of what the four collections hold. */
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

// What has no members may be missing or empty; the server leaves it out.
function group(records, key) {
  const groups = {};
  for (const record of records) {
    (groups[record[key]] ??= []).push(record);
  }
  return groups;
}
