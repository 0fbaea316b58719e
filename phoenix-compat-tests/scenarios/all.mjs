import { test } from "node:test";
import { binary } from "./binary.mjs";
import { broadcasting } from "./broadcasting.mjs";
import { connecting } from "./connecting.mjs";
import { fallback } from "./fallback.mjs";
import { joining } from "./joining.mjs";
import { presence } from "./presence.mjs";
import { pushing } from "./pushing.mjs";
import { restarting } from "./restarting.mjs";
import { sleeping } from "./sleeping.mjs";

/** All scenarios; `mortal` is the server that they end and start again. */
export function allScenarios(all, { server, mortal }) {
  const rows = all.filter((row) => row.unfit === undefined);
  for (const { name, unfit } of all.filter((row) => row.unfit !== undefined)) {
    test(name, { skip: unfit }, () => {});
  }

  joining(rows, server);
  pushing(rows, server);
  broadcasting(rows, server);
  binary(rows, server);
  connecting(rows, server);
  presence(rows, server);
  fallback(rows, server);
  restarting(rows, mortal);
  sleeping(rows, mortal);
}
