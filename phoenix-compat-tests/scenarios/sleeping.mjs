import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Line } from "../support/line.mjs";

/**
 * A long-poll session ends when its client does not poll for a while. phoenix.js up to 1.8.1 mistakes the next answer,
 * 410, for the start of a session and does not rejoin (phoenix#6538); with this server it does.
 */
export function sleeping(all, server) {
  const rows = all.filter((row) => row.transport === "longpoll");

  const title = "a client that sleeps for longer than its session lives rejoins when it wakes up";
  describe(title, { concurrency: true }, () => {
    for (const row of rows) {
      test(row.name, async (context) => {
        const topic = `room:asleep with ${row.name}`;
        const { line, peer } = await joined(context, row, topic);

        line.hold();
        await server.log.match(new RegExp(`${topic} ended: Closed`));
        line.release();

        await assertIsBack(peer, topic);
      });
    }
  });

  test("the server is restarted while clients sleep: they rejoin when they wake up", async (context) => {
    const topic = "room:asleep at a restart";
    const sleepers = await Promise.all(rows.map((row) => joined(context, row, topic)));

    sleepers.forEach(({ line }) => line.hold());
    // The end of an empty poll. The client's next request shows its token, which the new process does not know.
    await Promise.all(sleepers.map(({ line }) => line.holds('"status":204')));
    await server.kill();
    await server.restart();
    sleepers.forEach(({ line }) => line.release());

    for (const [index, { peer }] of sleepers.entries()) {
      await context.test(rows[index].name, () => assertIsBack(peer, topic));
    }
  });

  async function joined(context, row, topic) {
    const line = await Line.to(server);
    context.after(() => line.cut());
    const peer = await row.open(line.socketUrl);
    context.after(() => peer.close());
    assert.equal((await peer.join(topic)).status, "ok");
    return { line, peer };
  }

  async function assertIsBack(peer, topic) {
    await peer.joined(topic, 2);
    await server.broadcast(topic, "news", { n: 1 });
    const news = await peer.heard(topic, "news");
    assert.deepEqual(news.at(-1), { n: 1 });
    assert.deepEqual(await peer.push(topic, "echo", { n: 2 }), { status: "ok", response: { n: 2 } });
  }
}
