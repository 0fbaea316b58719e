import assert from "node:assert/strict";
import { scenario } from "../support/scenario.mjs";

/** Presences as seen by the Presence of each client's version. */
export function presence(rows, server) {
  const all = { rows, server };

  scenario("two clients see each other join, move, hide and leave", all, async ({ open, topic }) => {
    const where = `presence:${topic}`;
    const [anna, ola] = [await open(), await open()];

    await anna.join(where, { key: "anna", device: "desk" });
    await anna.sees(where, { anna: ["desk"] });
    await ola.join(where, { key: "ola", device: "kitchen" });
    await bothSee({ anna: ["desk"], ola: ["kitchen"] });

    await ola.push(where, "move", { device: "bar" });
    await bothSee({ anna: ["desk"], ola: ["bar"] });
    await ola.push(where, "hide");
    await bothSee({ anna: ["desk"] });

    await anna.leave(where);
    await ola.sees(where, {});
    // A move is a join and a leave; phoenix.js reports both.
    assert.deepEqual(await anna.comingsAndGoings(where), ["+anna", "+ola", "+ola", "-ola", "-ola"]);

    async function bothSee(expected) {
      await Promise.all([anna.sees(where, expected), ola.sees(where, expected)]);
    }
  });

  scenario("two tabs of one user are two metas until one is closed", all, async ({ row, open, topic }) => {
    const where = `presence:${topic}`;
    const [watcher, desk, phone] = [await open(), await open(), await open()];
    await watcher.join(where, { key: "watcher", device: "wall" });

    await desk.join(where, { key: "anna", device: "desk" });
    await phone.join(where, { key: "anna", device: "phone" });
    await watcher.sees(where, { anna: ["desk", "phone"], watcher: ["wall"] });
    await phone.sees(where, { anna: ["desk", "phone"], watcher: ["wall"] });

    // A client that stops polling sends nothing: its session would live on for a while.
    await (row.transport === "websocket" ? desk.close() : desk.leave(where));
    await watcher.sees(where, { anna: ["phone"], watcher: ["wall"] });
    await phone.sees(where, { anna: ["phone"], watcher: ["wall"] });
  });

  scenario("a disconnected client leaves, and returns when it reconnects", all, async ({ open, topic }) => {
    const where = `presence:${topic}`;
    const [watcher, anna] = [await open(), await open({ params: { id: topic } })];
    await watcher.join(where, { key: "watcher", device: "wall" });
    await anna.join(where, { key: "anna", device: "desk" });
    await watcher.sees(where, { anna: ["desk"], watcher: ["wall"] });

    await server.disconnect(topic);
    await anna.joined(where, 2);

    await watcher.heard(where, "presence_diff", 4); // watcher, anna, anna's leave, anna
    await watcher.sees(where, { anna: ["desk"], watcher: ["wall"] });
    await anna.sees(where, { anna: ["desk"], watcher: ["wall"] });
    assert.deepEqual(await watcher.comingsAndGoings(where), ["+watcher", "+anna", "-anna", "+anna"]);
  });
}
