import assert from "node:assert/strict";
import { scenario } from "../support/scenario.mjs";

// Its base64 has a "+": phoenix.js sends the standard alphabet, although the subprotocol is named base64url. (Browsers
// and ws refuse a token with a "/", which is not allowed in a subprotocol.)
const token = "ab~cd~e";

export function connecting(rows, server) {
  const all = { rows, server };

  const refusable = { ...all, needs: "refusal" };
  scenario("a refused client connects once it is accepted", refusable, async ({ row, open, topic }) => {
    const peer = await open({ params: { deny: "yes" } });

    const [code] = await peer.closed();
    await peer.removeParam("deny");
    await peer.opened();

    assert.ok(row.refusalCodes.includes(code), `closed with ${code}`);
    assert.equal((await peer.join(topic)).status, "ok");
  });

  scenario("a client that is disconnected by its id reconnects", all, async ({ row, open, topic }) => {
    const [peer, other] = [await open({ params: { id: topic } }), await open({ params: { id: "somebody else" } })];
    await peer.join(topic);
    await other.join(topic);

    await server.disconnect(topic);
    await peer.joined(topic, 2);
    await server.broadcast(topic, "news", { n: 1 });

    assert.deepEqual(await peer.heard(topic, "news"), [{ n: 1 }]);
    assert.deepEqual(await peer.push(topic, "echo", { n: 2 }), { status: "ok", response: { n: 2 } });
    if (row.transport === "websocket") {
      assert.deepEqual(await peer.closeCodes(), [1001]);
    }
    assert.deepEqual(await other.closeCodes(), []);
  });

  scenario("an authToken reaches the server", { ...all, needs: "token" }, async ({ row, open, topic }) => {
    const peer = await open({ authToken: token });
    await peer.join(topic);

    const { response } = await peer.push(topic, "whoami");

    assert.deepEqual(response, { token, transport: row.transport });
  });

  const asking = { ...all, needs: "tokenFunction" };
  scenario("an authToken that is a function is called at each connect", asking, async ({ open, topic }) => {
    const peer = await open({ authTokens: ["first", "second"], params: { id: topic } });
    await peer.join(topic);
    assert.equal((await peer.push(topic, "whoami")).response.token, "first");

    await server.disconnect(topic);
    await peer.joined(topic, 2);

    assert.equal((await peer.push(topic, "whoami")).response.token, "second");
  });

  scenario("a client without an authToken has none", all, async ({ row, open, topic }) => {
    const peer = await open();
    await peer.join(topic);

    assert.deepEqual((await peer.push(topic, "whoami")).response, { token: null, transport: row.transport });
  });
}
