import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const path = process.env.CHROMIUM ?? "/usr/bin/chromium"; // where Debian's package puts it

// Quiet: nothing is asked of anybody but the pages and servers of the tests.
const args = [
  "--no-sandbox", // has none where tests run as root
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Why there is no Chromium to test with; `undefined` when there is one. */
export function whyNoChromium() {
  return existsSync(path) ? undefined : `${path} is missing: install Chromium, or say in CHROMIUM where it is`;
}

/** Starts it without a window, with a profile of its own that is thrown away. */
export function startChromium() {
  return chromium.launch({ executablePath: path, args });
}

/** Installs Debian's package where it is missing and may be: as root, or where everything is for the tests (CI). */
export function installChromium() {
  if (whyNoChromium() === undefined || process.env.CHROMIUM !== undefined || !existsSync("/etc/debian_version")) {
    return;
  }
  const isRoot = process.getuid() === 0;
  if (!isRoot && process.env.CI !== "true") {
    return;
  }
  console.log("Installing Chromium for the tests in a browser:");
  const isInstalled = [
    ["update", "--quiet"],
    ["install", "--quiet", "--yes", "--no-install-recommends", "chromium"],
  ].every((parameters) => {
    const [command, ...rest] = [...(isRoot ? [] : ["sudo", "--non-interactive"]), "apt-get", ...parameters];
    console.log([command, ...rest].join(" "));
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    return spawnSync(command, rest, { stdio: ["ignore", "inherit", "inherit"], env }).status === 0;
  });
  if (!isInstalled) {
    console.log("Chromium could not be installed: the tests in a browser will be skipped.");
  }
}
