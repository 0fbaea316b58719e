import { describe, test } from "node:test";

let topics = 0;

/**
 * Runs one scenario for all rows of the matrix concurrently, since they mostly wait for the server. `needs` names a
 * feature that a row may lack; such a row is skipped with the reason.
 */
export function scenario(title, { rows, server, needs }, run) {
  describe(title, { concurrency: true }, () => {
    for (const row of rows) {
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
