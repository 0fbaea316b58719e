import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const dotnet = process.env.DOTNET_HOST_PATH ?? "dotnet";
const protocol = resolve(dirname(fileURLToPath(import.meta.url)), "../../Protocol");

/** The chat server of Protocol's README, built and run in an empty folder as the README says, against the package. */
export class PackedSample {
  readme = join(protocol, "README.md");
  #folder;
  #process;

  static async start() {
    const sample = new PackedSample();
    sample.code = firstBlock(await readFile(sample.readme, "utf8"), "csharp");
    sample.#folder = await mkdtemp(join(tmpdir(), "kaffediem-sample-"));
    await sample.#build();
    sample.url = await sample.#run();
    return sample;
  }

  get socketUrl() {
    return `${this.url.replace("http", "ws")}/socket`;
  }

  /** The path of the README inside the package. */
  get packedReadme() {
    return join(this.#folder, "packages", "kaffediem.protocol", this.version, "README.md");
  }

  async stop() {
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGTERM");
    await ended;
    await rm(this.#folder, { recursive: true });
  }

  async #build() {
    const feed = join(this.#folder, "feed");
    await run(dotnet, ["pack", protocol, "-c", "Release", "-o", feed]);
    // The package id exists in this feed only, so the package can come from nowhere else.
    await this.#dotnet("new", "nugetconfig");
    await this.#dotnet("nuget", "add", "source", feed, "--name", "feed");
    await this.#dotnet("new", "web", "-o", "Chat", "--no-restore");
    await this.#dotnet("add", "Chat", "package", "Kaffediem.Protocol");
    const project = await readFile(join(this.#folder, "Chat", "Chat.csproj"), "utf8");
    this.version = /Include="Kaffediem\.Protocol" Version="([^"]+)"/.exec(project)[1];
    await writeFile(join(this.#folder, "Chat", "Program.cs"), this.code);
    await this.#dotnet("build", "Chat");
  }

  async #run() {
    this.#process = spawn(dotnet, ["run", "--no-build", "--no-launch-profile", "--project", "Chat", "--urls", "http://127.0.0.1:0"], this.#options);
    for await (const line of createInterface({ input: this.#process.stdout })) {
      const match = /Now listening on: (\S+)/.exec(line);
      if (match) {
        this.#process.stdout.resume();
        return match[1];
      }
    }
    throw new Error("The sample ended before it listened on a port.");
  }

  #dotnet(...args) {
    return run(dotnet, args, this.#options);
  }

  // A separate package folder, so that NuGet does not use an older build cached under the same version.
  get #options() {
    return { cwd: this.#folder, env: { ...process.env, NUGET_PACKAGES: join(this.#folder, "packages"), CI: "" } };
  }
}

function firstBlock(markdown, language) {
  return new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(markdown)[1];
}
