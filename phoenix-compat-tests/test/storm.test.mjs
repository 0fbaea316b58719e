import assert from "node:assert/strict";
import { after, test } from "node:test";
import { answer, Client } from "../support/client.mjs";
import { assertShowsDatabase } from "../support/database.mjs";
import { orderDraft } from "../support/rest.mjs";
import { KaffediemServer } from "../support/server.mjs";
import { Storm } from "../support/storm.mjs";
import { versions, versionsOverLongPoll } from "../support/versions.mjs";

const server = await KaffediemServer.start();
after(() => server.stop());

const all = [...versions, ...versionsOverLongPoll];
const today = { from_date: "today" };

test("a storm of writes: in the end every client equals the database, whenever it joined", async (t) => {
  const storm = new Storm(server.rest, { writers: 8, writesEach: 80, seed: 20261123 });
  const staying = await Promise.all(all.map((version) => Client.open(version, server)));
  const [, ...visiting] = await Promise.all([storm.rage(), ...all.map((version) => visit(version, storm))]);
  const last = await writeLast();

  for (const [index, { name }] of all.entries()) {
    await t.test(`${name}: joined before the storm`, () => assertCaughtUp(staying[index], last));
    await t.test(`${name}: joined and left during the storm`, () => assertCaughtUp(visiting[index].client, last));
  }
  t.diagnostic(`visits: ${visiting.map(({ visits }) => visits).join(", ")}`);
});

/** Joins and leaves repeatedly, on old and new sockets, until most writes are done, and then stays joined. */
async function visit(version, storm) {
  let client = await Client.open(version, server);
  let visits = 1;
  for (; storm.written < storm.total * 0.8; visits++) {
    if (visits % 8 === 0 || version.lacks.successor) {
      await client.close();
      client = await Client.open(version, server);
    } else if (visits % 4 === 2) {
      client.order = client.store("order", today); // joined while the old channel is still joined
      await client.order.joined();
    } else {
      await answer(client.order.channel.leave());
      client.order = client.store("order", today);
      await client.order.joined();
    }
    assertNoDoubles(client.order.records);
  }
  return { client, visits };
}

/** One more write to each topic: a client that has received these has received everything before them. */
async function writeLast() {
  const { rest } = server;
  const order = await rest.create("order", orderDraft);
  const message = await rest.create("message", { title: "last", subtitle: null });
  await rest.update("status", 1, { message_id: message.id });
  const category = await rest.create("category", { name: "last", enable: true, sort_order: 99 });
  return { order, message, category };
}

async function assertCaughtUp(client, last) {
  const has = (records, { id }) => records.some((record) => record.id === id);
  await client.order.until((store) => has(store.records, last.order), "the last order");
  await client.message.until((store) => has(store.records, last.message), "the last message");
  await client.status.until((store) => store.records[0].message_id === last.message.id, "the last status");
  await client.menu.until((store) => has(store.menu.indexes.categories, last.category), "the last category");
  assertNoDoubles(client.order.records);
  await assertShowsDatabase(client, server);
  await client.close();
}

function assertNoDoubles(records) {
  const ids = records.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length, `duplicates: ${ids.filter((id, index) => ids.indexOf(id) !== index)}`);
}
