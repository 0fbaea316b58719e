import { describe, test } from "node:test";

let topics = 0;

/**
 * One scenario for every row of the matrix, all at once: they only wait for the same server. `needs` names what a row
 * may lack; the reason is shown then.
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

/** Opens clients that go away with the test. */
export function opener(context, row, server) {
  return async (options) => {
    const peer = await row.open(server.socketUrl, options);
    context.after(() => peer.close());
    return peer;
  };
}
