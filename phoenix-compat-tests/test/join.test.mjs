import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Client } from "../support/client.mjs";
import { assertShowsDatabase } from "../support/database.mjs";
import { orderDraft } from "../support/rest.mjs";
import { KaffediemServer } from "../support/server.mjs";
import { versions, versionsOverLongPoll } from "../support/versions.mjs";

const server = await KaffediemServer.start();
after(() => server.stop());

// The fields that the front end reads of each record, and their types.
const id = (value) => Number.isInteger(value) && value > 0;
const integer = Number.isInteger;
const text = (value) => typeof value === "string";
const flag = (value) => typeof value === "boolean";
const orNull = (kind) => (value) => value === null || kind(value);
const listOf = (kind) => (value) => Array.isArray(value) && value.every(kind);
const record = (fields) => (value) => Object.entries(fields).every(([name, kind]) => check(value, name, kind));

function check(value, name, kind) {
  assert.ok(kind(value[name]), `"${name}" in ${JSON.stringify(value)}`);
  return true;
}

const named = { id, name: text, enable: flag, sort_order: integer };
const category = record({ ...named, valid_customizations: listOf(integer) });
const item = record({ ...named, price_nok: integer, category_id: id, image: orNull(text) });
const key = record({ ...named, label_color: orNull(text), default_value: orNull(text), multiple_choice: flag });
const value = record({ ...named, price_increment_nok: integer, constant_price: flag, belongs_to: id });
const message = record({ id, title: text, subtitle: orNull(text) });
const status = record({ id, open: flag, show_message: flag, message_id: orNull(id) });
const customization = record({ key_name: text, value_name: text, label_color: orNull(text) });
const order = record({
  id,
  day_id: integer,
  state: (state) => ["received", "production", "completed", "dispatched"].includes(state),
  missing_information: flag,
  items: listOf(record({ name: text, customizations: listOf(customization) })),
  created: (time) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(time),
});

for (const version of [...versions, ...versionsOverLongPoll]) {
  test(`${version.name}: the snapshots of the four topics have the fields that the front end reads`, async () => {
    const placed = await server.rest.create("order", orderDraft);
    const client = await Client.open(version, server);

    const { tree, indexes } = client.menu.menu;
    assert.ok(listOf(category)(tree) && tree.length > 0);
    assert.deepEqual(Object.keys(indexes).sort(), [
      "categories",
      "customization_keys",
      "customization_values",
      "customizations_by_key",
      "items",
      "items_by_category",
    ]);
    assert.ok(listOf(category)(indexes.categories) && indexes.categories.length > 0);
    assert.ok(listOf(item)(indexes.items) && indexes.items.length > 0);
    assert.ok(listOf(key)(indexes.customization_keys) && indexes.customization_keys.length > 0);
    assert.ok(listOf(value)(indexes.customization_values) && indexes.customization_values.length > 0);
    assert.ok(listOf(message)(client.message.records) && client.message.records.length > 0);
    assert.ok(listOf(status)(client.status.records) && client.status.records.length === 1);
    assert.ok(listOf(order)(client.order.records));
    assert.deepEqual(client.order.records.at(-1), placed);
    await assertShowsDatabase(client, server);

    await client.close();
  });
}
