import assert from "node:assert/strict";
import { scenario } from "../support/scenario.mjs";

/** Only browsers say where a page is from. */
export function origin(rows, server) {
  scenario("a page of an origin that is not allowed is refused", { rows, server }, async ({ row, context }) => {
    const peer = await row.openFromForeignOrigin(server.socketUrl);
    context.after(() => peer.close());

    const [code] = await peer.closed(2); // it tries again, in vain

    assert.ok(row.refusalCodes.includes(code), `closed with ${code}`);
    assert.equal(await peer.timesOpened(), 0);
  });
}
