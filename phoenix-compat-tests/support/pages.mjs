import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const script = (version) => `node_modules/phoenix-${version}/priv/static/phoenix.js`;

/** Serves the pages that clients run in. Their origin differs from that of the server they connect to. */
export class Pages {
  #server = createServer((request, response) => this.#answer(request, response));

  static async serve() {
    const pages = new Pages();
    pages.#server.listen(0, "127.0.0.1");
    await once(pages.#server, "listening");
    const { port } = pages.#server.address();
    pages.origin = `http://127.0.0.1:${port}`;
    pages.foreignOrigin = `http://localhost:${port}`; // the same pages under another origin
    return pages;
  }

  /** The path of a page with a version of phoenix.js; `blocked` makes its WebSocket "refused" or "silent". */
  path(version, blocked = "") {
    return `/page?${new URLSearchParams({ version, blocked })}`;
  }

  stop() {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request, response) {
    const { pathname, searchParams } = new URL(request.url, this.origin);
    if (pathname === "/page") {
      const content = page(searchParams.get("version"), searchParams.get("blocked"));
      response.setHeader("content-type", "text/html; charset=utf-8").end(content);
      return;
    }
    try {
      const content = await readFile(root + pathname.slice(1));
      response.setHeader("content-type", "text/javascript; charset=utf-8").end(content);
    } catch {
      response.writeHead(404).end(); // the browser's favicon.ico
    }
  }
}

// Deferred scripts run in document order; module scripts are deferred.
function page(version, blocked) {
  const block = `
    <script type="module">
      import { blocked } from "/support/blockedWebSocket.mjs";
      window.WebSocket = blocked("${blocked}");
    </script>`;
  return `<!doctype html>
    <title>phoenix.js ${version}</title>
    ${blocked ? block : ""}
    <script defer src="/${script(version)}"></script>
    <script type="module">
      import { Peer } from "/support/peer.mjs";
      window.Peer = Peer;
    </script>`;
}
