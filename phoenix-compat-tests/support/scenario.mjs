import { describe, test } from "node:test";
import { isQuick } from "./form.mjs";

let topics = 0;

/**
 * Runs one scenario for all rows of the matrix concurrently, since they mostly wait for the server. `needs` names a
 * feature that a row may lack; such a row is skipped with the reason. The quick form runs a scenario with every version
 * only if it is `essential`, and otherwise with the newest.
 */
export function scenario(title, { rows, server, needs, essential }, run) {
  const chosen = isQuick && !essential ? rows.filter((row) => row.isNewest) : rows;
  describe(title, { concurrency: true }, () => {
    for (const row of chosen) {
      test(row.name, { skip: row.lacks[needs] ?? false }, async (context) => {
        const topic = `room:${++topics}`;
        await run({ context, row, topic, open: opener(context, row, server) });
      });
    }
  });
}

/** Opens clients that disconnect at the end of the test. */
export function opener(context, row, server) {
  return async (options) => {
    const peer = await row.open(server.socketUrl, options);
    context.after(() => peer.close());
    return peer;
  };
}
