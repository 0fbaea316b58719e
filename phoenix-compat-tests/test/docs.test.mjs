import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { KaffediemServer } from "../support/server.mjs";
import { LIMIT_MS } from "../support/signal.mjs";

// The JavaScript examples of the docs, run unchanged: each prints the text of the comments at its end.

const run = promisify(execFile);
const here = fileURLToPath(new URL("..", import.meta.url)); // the folder with the packages
const database = fileURLToPath(new URL("../../IntegrationTests/Data/kaffebase.db", import.meta.url));

for (const file of ["docs/channels.md", "docs/rest.md", "docs/migrating-from-kaffebase.md"]) {
  const text = await readFile(new URL(`../../${file}`, import.meta.url), "utf8");
  for (const { index, 1: code } of text.matchAll(/^```js\n(.*?)^```$/gms)) {
    const line = text.slice(0, index).split("\n").length + 1;

    test(`${file}:${line}: the example prints the documented output`, async () => {
      const server = await KaffediemServer.start({ database });
      after(() => server.stop());
      const adapted = code
        .replaceAll('from "phoenix"', 'from "phoenix-1.8.16"')
        .replaceAll("localhost:4000", new URL(server.url).host);
      const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", adapted], {
        cwd: here,
        timeout: LIMIT_MS,
      });

      const expected = code.trimEnd().split("\n").reverse();
      const comments = expected.slice(0, expected.findIndex((one) => !one.startsWith("// "))).reverse();
      assert.notEqual(comments.length, 0, "the example has no comment with its output");
      assert.deepEqual(stdout.trimEnd().split("\n"), comments.map((one) => one.slice("// ".length)));
    });
  }
}
