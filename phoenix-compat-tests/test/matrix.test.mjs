import { after } from "node:test";
import { broadcasting } from "../scenarios/broadcasting.mjs";
import { connecting } from "../scenarios/connecting.mjs";
import { joining } from "../scenarios/joining.mjs";
import { pushing } from "../scenarios/pushing.mjs";
import { restarting } from "../scenarios/restarting.mjs";
import { CompatServer } from "../support/compatServer.mjs";
import { rows } from "../support/matrix.mjs";

// Every scenario with every phoenix.js, over WebSocket and long-poll, in Node.
const server = await CompatServer.start();
after(() => server.stop());
const mortal = await CompatServer.start();
after(() => mortal.stop());

joining(rows, server);
pushing(rows, server);
broadcasting(rows, server);
connecting(rows, server);
restarting(rows, mortal);
