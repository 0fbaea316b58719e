import { after } from "node:test";
import { binary } from "../scenarios/binary.mjs";
import { broadcasting } from "../scenarios/broadcasting.mjs";
import { connecting } from "../scenarios/connecting.mjs";
import { fallback } from "../scenarios/fallback.mjs";
import { joining } from "../scenarios/joining.mjs";
import { pushing } from "../scenarios/pushing.mjs";
import { restarting } from "../scenarios/restarting.mjs";
import { sleeping } from "../scenarios/sleeping.mjs";
import { CompatServer } from "../support/compatServer.mjs";
import { rows } from "../support/matrix.mjs";

// Every scenario with every phoenix.js, over WebSocket and long-poll, in Node.
const server = await CompatServer.start();
after(() => server.stop());
const mortal = await CompatServer.start({ "Phoenix:LongPollWindow": "00:00:02" });
after(() => mortal.stop());

joining(rows, server);
pushing(rows, server);
broadcasting(rows, server);
binary(rows, server);
connecting(rows, server);
fallback(rows, server);
restarting(rows, mortal);
sleeping(rows, mortal);
