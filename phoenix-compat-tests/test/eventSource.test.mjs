import assert from "node:assert/strict";
import { after, test } from "node:test";
import { startChromium, whyNoChromium } from "../support/chromium.mjs";
import { Pages } from "../support/pages.mjs";
import { orderDraft } from "../support/rest.mjs";
import { KaffediemServer } from "../support/server.mjs";
import { LIMIT_MS } from "../support/signal.mjs";

// A browser's built-in EventSource, from another origin, which reconnects with the last id.
const skip = whyNoChromium();
if (skip !== undefined) {
  test("EventSource in Chromium", { skip }, () => {});
} else {
  const pages = await Pages.serve();
  const server = await KaffediemServer.start({ origins: pages.origin });
  const browser = await startChromium();
  after(async () => {
    await browser.close().finally(() => server.stop());
    pages.stop();
  });

  for (const end of ["kill", "shutDown"]) {
    test(`EventSource misses no change and gets none twice across a restart of the server (${end})`, async () => {
      const page = await listen(pages.origin, "collections=order,status");
      const { items } = (await page.event("snapshot", "order")).data;
      const first = await server.rest.create("order", orderDraft);
      await page.event("change", "order", first.id);

      await server[end]();
      await server.restart();
      const second = await server.rest.create("order", orderDraft);
      await page.event("change", "order", second.id);

      const events = await page.all();
      assert.equal(events.filter(({ name }) => name === "snapshot").length, 2);
      const changes = events.filter(({ name }) => name === "change").map(({ data }) => data.record.id);
      assert.deepEqual(changes, [first.id, second.id]);
      assert.deepEqual(
        [...items.map(({ id }) => id), ...changes].sort((a, b) => a - b),
        (await server.rest.list("order")).map(({ id }) => id).sort((a, b) => a - b),
      );
      await page.close();
    });
  }

  test("EventSource of a page of a foreign origin gets nothing and gives up", async () => {
    const page = await listen(pages.foreignOrigin, "collections=order");
    await page.hasGivenUp();
    assert.deepEqual(await page.all(), []);
    await page.close();
  });

  async function listen(origin, query) {
    const page = await browser.newPage();
    await page.goto(origin + pages.path("1.8.16"));
    await page.evaluate((url) => {
      window.events = [];
      window.source = new EventSource(url, { withCredentials: true });
      for (const name of ["snapshot", "change"]) {
        source.addEventListener(name, ({ data }) => events.push({ name, data: JSON.parse(data) }));
      }
    }, `${server.url}/api/events?${query}`);
    const until = (predicate, argument) => page.waitForFunction(predicate, argument, { timeout: LIMIT_MS });
    return {
      event: async (...wanted) => {
        const found = await until(
          ([name, collection, id]) => events.find((event) => event.name === name
            && event.data.collection === collection && (id === undefined || event.data.record.id === id)),
          wanted,
        );
        return found.jsonValue();
      },
      hasGivenUp: () => until(() => source.readyState === EventSource.CLOSED),
      all: () => page.evaluate(() => events),
      close: () => page.close(),
    };
  }
}
