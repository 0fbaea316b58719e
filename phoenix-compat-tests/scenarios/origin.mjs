import assert from "node:assert/strict";
import { scenario } from "../support/scenario.mjs";

/** Only browsers send the origin of a page. */
export function origin(rows, server) {
  scenario("a page of a foreign origin is refused", { rows, server }, async ({ row, context }) => {
    const peer = await row.openFromForeignOrigin(server.socketUrl);
    context.after(() => peer.close());

    const [code] = await peer.closed(2); // the second attempt fails as well

    assert.ok(row.refusalCodes.includes(code), `closed with ${code}`);
    assert.equal(await peer.timesOpened(), 0);
  });
}
