import http from "node:http";
import https from "node:https";

/**
 * Sends one request on a new connection, so that no request depends on the state of an earlier connection. Resolves
 * with `{ status, headers, body }` or, if the server switches protocols, with `{ status: 101, headers, socket, head }`:
 * the raw connection and the bytes that have already arrived on it.
 */
export function send(url, { method = "GET", headers = {}, body, timeoutMs }) {
  return new Promise((resolve, reject) => {
    const client = url.protocol === "https:" ? https : http;
    const request = client.request(url, { method, headers, agent: false });
    const timer = setTimeout(() => request.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    const settle = (settled, value) => {
      clearTimeout(timer);
      settled(value);
    };
    request.on("error", (error) => settle(reject, error));
    request.on("upgrade", ({ statusCode, headers }, socket, head) =>
      settle(resolve, { status: statusCode, headers, socket, head }));
    request.on("response", (response) => {
      readAll(response).then(
        (body) => settle(resolve, { status: response.statusCode, headers: response.headers, body }),
        (error) => settle(reject, error),
      );
    });
    request.end(body);
  });
}

async function readAll(stream) {
  const chunks = [];
  for await (const chunk of stream) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
