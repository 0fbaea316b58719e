import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const path = process.env.CHROMIUM ?? "/usr/bin/chromium"; // the path of Debian's package

// Chromium sends requests to the pages and servers of the tests only.
const args = [
  "--no-sandbox", // Chromium has no sandbox when it runs as root
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The reason why there is no Chromium to test with; `undefined` when there is one. */
export function whyNoChromium() {
  return existsSync(path) ? undefined : `${path} is missing: install Chromium, or set CHROMIUM to its path`;
}

/** Starts it without a window, with a temporary profile. */
export function startChromium() {
  return chromium.launch({ executablePath: path, args });
}

/** Installs Debian's package if Chromium is missing and the process is root or runs in CI. */
export function installChromium() {
  if (whyNoChromium() === undefined || process.env.CHROMIUM !== undefined || !existsSync("/etc/debian_version")) {
    return;
  }
  const isRoot = process.getuid() === 0;
  if (!isRoot && process.env.CI !== "true") {
    return;
  }
  console.log("Installing Chromium for the browser tests:");
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
    console.log("Chromium could not be installed: the browser tests will be skipped.");
  }
}
