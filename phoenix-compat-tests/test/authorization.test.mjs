import assert from "node:assert/strict";
import { after, test } from "node:test";
import WebSocket from "ws";
import { answer } from "../support/client.mjs";
import { CompatServer } from "../support/compatServer.mjs";
import { LIMIT_MS, Signal } from "../support/signal.mjs";
import { versions, versionsOverLongPoll } from "../support/versions.mjs";

// A socket behind RequireAuthorization(): ASP.NET Core answers before Protocol sees the request.
const server = await CompatServer.start();
after(() => server.stop());
const membersUrl = server.socketUrl.replace("/socket", "/members");

const withToken = ({ lacks }) => !lacks.token;

for (const version of [...versions.filter(withToken), ...versionsOverLongPoll.filter(withToken)]) {
  const isLongPoll = version.options?.transport !== undefined;
  for (const [who, options] of [["a client without a token", {}], ["one with a wrong token", { authToken: "wrong" }]]) {
    test(`${version.name}: ${who} is refused with 401, and tries again`, async () => {
      const client = connect(version, options);

      await client.signal.until(() => client.closeCodes.length >= 2, "two refusals");
      client.socket.disconnect();

      assert.deepEqual(client.closeCodes.slice(0, 2), isLongPoll ? [1011, 1011] : [1006, 1006]);
      assert.equal(client.opened, 0);
    });
  }
}

for (const version of versions.filter(withToken)) {
  test(`${version.name}: authentication accepts an authToken as the bearer token`, async () => {
    const client = connect(version, { authToken: await server.token() });

    const { status } = await answer(client.socket.channel("room:a").join());
    client.socket.disconnect();

    assert.equal(status, "ok");
    assert.equal(client.opened, 1);
  });
}

function connect(version, options) {
  const client = { signal: new Signal(), closeCodes: [], opened: 0 };
  client.socket = new version.Socket(membersUrl, {
    transport: WebSocket,
    timeout: LIMIT_MS,
    reconnectAfterMs: () => 50,
    ...version.options,
    ...options,
  });
  client.socket.onOpen(() => client.opened++);
  client.socket.onClose((event) => {
    if (event?.code !== undefined) {
      client.closeCodes.push(event.code); // 1.8.1 closes its own long-poll once more, without a code, to try again
      client.signal.raise();
    }
  });
  client.socket.connect();
  return client;
}
