import { after, test } from "node:test";
import { allScenarios } from "../scenarios/all.mjs";
import { origin } from "../scenarios/origin.mjs";
import { startChromium, whyNoChromium } from "../support/chromium.mjs";
import { chromiumRows } from "../support/chromiumMatrix.mjs";
import { CompatServer } from "../support/compatServer.mjs";
import { Pages } from "../support/pages.mjs";

// The phoenix.js versions in use, over WebSocket and long-poll, in a real browser, in pages of another origin.
const skip = whyNoChromium();
if (skip !== undefined) {
  test("in Chromium", { skip }, () => {});
} else {
  const pages = await Pages.serve();
  const servers = await CompatServer.startTwo({ Origins: pages.origin });
  const browser = await startChromium();
  after(async () => {
    await browser.close().finally(() => servers.stop());
    pages.stop();
  });
  const rows = await chromiumRows(browser, pages);

  allScenarios(rows, servers);
  origin(rows, servers.server);
}
