import assert from "node:assert/strict";
import { after, test } from "node:test";
import { answer, Client } from "../support/client.mjs";
import { assertShowsDatabase } from "../support/database.mjs";
import { Line } from "../support/line.mjs";
import { orderDraft } from "../support/rest.mjs";
import { KaffediemServer } from "../support/server.mjs";
import { SinceMenuStore, SinceStore } from "../support/sinceStore.mjs";
import { versions, versionsOverLongPoll } from "../support/versions.mjs";

// The front end's stores and stores that use `since`, side by side on one line, through all its faults.

const server = await KaffediemServer.start();
// Each client's line has its own port, which makes more hosts than one address may use in image addresses.
server.log.expect("gets image addresses without a host");
after(() => server.stop());

const all = [...versions, ...versionsOverLongPoll];
const screens = await Promise.all(all.map((version) => openScreen(version)));

test("before any fault, all stores equal the database", async () => {
  await write();
  await assertAllShowTheDatabase();
});

test("the line is cut while others write: a client with since gets only the changes that it missed", async () => {
  const before = screens.map(({ since }) => since.order.recoveries);
  screens.forEach(({ line }) => line.hold());
  await write();
  screens.forEach(({ line }) => line.drop());
  screens.forEach(({ line }) => line.release());

  for (const [index, { version, since }] of screens.entries()) {
    if (versions.includes(version)) {
      // A long-poll session outlives its connections, so it has nothing to recover.
      await since.order.until((store) => store.recoveries > before[index], "the recovery");
    }
  }
  await assertAllShowTheDatabase();
});

test("the server is killed and started again: since continues at the same position", async () => {
  const before = screens.map(({ since, mine }) => [since.menu, since.order, mine.order].map(({ recoveries }) => recoveries));
  await server.kill();
  await server.restart();
  await write();

  for (const [index, { since, mine }] of screens.entries()) {
    for (const [place, store] of [since.menu, since.order, mine.order].entries()) {
      await store.until(({ recoveries }) => recoveries > before[index][place], "the recovery");
    }
  }
  await assertAllShowTheDatabase();
});

for (const { version, stock, since, mine } of screens) {
  test(`${version.name}: a reload is answered like a join, any other push with an error that names it`, async () => {
    const reloaded = await answer(since.order.channel.push("reload", {}));
    assert.equal(reloaded.status, "ok");
    assert.deepEqual(reloaded.response.items, since.order.records);

    const unknown = await answer(stock.order.channel.push("kaffe?", {}));
    assert.equal(unknown.status, "error");
    assert.match(JSON.stringify(unknown.response), /kaffe\?/);
  });

  test(`${version.name}: every list was loaded once, and all later changes were consistent`, async () => {
    for (const store of [...since.stores, since.item, mine.order]) {
      assert.deepEqual(store.faults, [], store.collection);
      assert.equal(store.replacements, 1, store.collection);
    }
    await Promise.all([stock, since, mine].map((client) => client.close()));
  });
}

/** A front desk, another on the same line that uses `since`, and a phone that sees only its own orders. */
async function openScreen(version) {
  const line = await Line.to(server);
  after(() => line.cut());
  const here = { socketUrl: line.socketUrl, clients: server.clients };
  const stock = await Client.open(version, here, { impatient: true });
  const since = new Client(version, here, { impatient: true });
  since.menu = new SinceMenuStore(since.socket, "menu", {});
  since.message = new SinceStore(since.socket, "message", {});
  since.status = new SinceStore(since.socket, "status", {});
  since.order = new SinceStore(since.socket, "order", { from_date: "today" });
  since.item = new SinceStore(since.socket, "item", {});
  const mine = new Client(version, here, { impatient: true });
  mine.order = new SinceStore(mine.socket, "order", { customer_id: 7 });
  await Promise.all([...since.stores, since.item, mine.order].map((store) => store.joined()));
  return { version, line, stock, since, mine };
}

/** Writes to all collections; one order enters the phone's view, and another leaves it. */
async function write() {
  const { rest } = server;
  const mine = await rest.create("order", { ...orderDraft, customer_id: 7 });
  const others = await rest.create("order", orderDraft);
  await rest.update("order", mine.id, { customer_id: 8 });
  await rest.update("order", others.id, { customer_id: 7 });
  await rest.update("order", others.id, { state: "production" });
  const gone = await rest.create("order", { ...orderDraft, customer_id: 7 });
  await rest.delete("order", gone.id);
  const message = await rest.create("message", { title: "Stengt", subtitle: null });
  await rest.update("status", 1, { show_message: true, message_id: message.id });
  await rest.delete("message", message.id);
  for (const price_nok of [1, 2, 3]) {
    await rest.update("item", 1, { price_nok });
  }
  await rest.update("item", 1, { price_nok: 45 });
}

async function assertAllShowTheDatabase() {
  const { rest } = server;
  // The last change of each collection. Changes arrive in order, so with it all earlier ones have arrived.
  const order = await rest.create("order", { ...orderDraft, customer_id: 7 });
  const item = await rest.update("item", 2, { sort_order: order.id });
  const message = await rest.create("message", { title: "fence", subtitle: null });
  const status = await rest.update("status", 1, { message_id: message.id });
  const has = (record) => (store) => store.records.some((known) => known.id === record.id);

  for (const { stock, since, mine } of screens) {
    for (const client of [stock, since]) {
      await client.order.until(has(order), "the last order");
      await client.message.until(has(message), "the last message");
      await client.status.until(({ records }) => records[0]?.message_id === status.message_id, "the last status");
      await client.menu.until(({ menu }) => sortOrder(menu?.indexes.items, item) === item.sort_order, "the last menu");
      await assertShowsDatabase(client, server);
    }
    await since.item.until(({ records }) => sortOrder(records, item) === item.sort_order, "the last item");
    await mine.order.until(has(order), "the phone's last order");
    assert.deepEqual(byId(since.item.records), byId(await rest.list("item")));
    assert.deepEqual(byId(mine.order.records), byId(await rest.list("order", "?customer_id=7")));
  }
}

function sortOrder(items, { id }) {
  return items?.find((known) => known.id === id)?.sort_order;
}

function byId(records) {
  return records.toSorted((one, other) => one.id - other.id);
}
