import { after } from "node:test";
import { allScenarios } from "../scenarios/all.mjs";
import { CompatServer } from "../support/compatServer.mjs";
import { rows } from "../support/matrix.mjs";

// Every version of phoenix.js, over WebSocket and long-poll, in Node.
const servers = await CompatServer.startTwo();
after(() => servers.stop());

allScenarios(rows, servers);
