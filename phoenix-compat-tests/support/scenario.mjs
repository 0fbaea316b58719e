import { describe, test } from "node:test";
import { isQuick } from "./form.mjs";

let topics = 0;

/**
 * One scenario for every row of the matrix, all at once: they only wait for the same server. `needs` names what a row
 * may lack; the reason is shown then. The quick form runs only those that are `essential` with every version.
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

/** Opens clients that go away with the test. */
export function opener(context, row, server) {
  return async (options) => {
    const peer = await row.open(server.socketUrl, options);
    context.after(() => peer.close());
    return peer;
  };
}
