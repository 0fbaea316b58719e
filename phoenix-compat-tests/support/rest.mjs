import assert from "node:assert/strict";
import { LIMIT_MS } from "./signal.mjs";

/** The REST API, called the way the front end calls it. An unexpected status fails the test. */
export class Rest {
  constructor(url) {
    this.url = url;
  }

  /** The records of a collection; `query` is for example "?from_date=today". */
  async list(collection, query = "") {
    return (await this.send("GET", `/api/collections/${collection}/records${query}`, 200)).items;
  }

  find(collection, id) {
    return this.send("GET", `/api/collections/${collection}/records/${id}`, 200);
  }

  create(collection, draft) {
    return this.send("POST", `/api/collections/${collection}/records`, 201, draft);
  }

  update(collection, id, patch) {
    return this.send("PATCH", `/api/collections/${collection}/records/${id}`, 200, patch);
  }

  delete(collection, id) {
    return this.send("DELETE", `/api/collections/${collection}/records/${id}`, 204);
  }

  async send(method, path, expectedStatus, body) {
    const response = await fetch(this.url + path, {
      method,
      headers: body === undefined ? {} : { "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(LIMIT_MS),
    });
    const text = await response.text();
    assert.equal(response.status, expectedStatus, `${method} ${path}: ${text}`);
    return text === "" ? null : JSON.parse(text);
  }
}

/** An order as the front desk places it. The demo menu and Kaffebase's file both have item 1, and value 1 of key 1. */
export const orderDraft = {
  customer_id: 1,
  items: [{ item: 1, customizations: [{ key: 1, value: [1] }] }],
  state: "received",
  missing_information: false,
};
