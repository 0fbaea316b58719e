import { request } from "node:http";

/**
 * The part of a browser's XMLHttpRequest that phoenix.js uses, for Node, which has none. The order of events is that of
 * the standard (https://xhr.spec.whatwg.org): a request that fails, times out or is aborted is first "done", without
 * text, and only then fires its error, timeout or abort event. phoenix.js handles both.
 */
export class XMLHttpRequest {
  readyState = 0;
  responseText = "";
  timeout = 0;
  onreadystatechange = null;
  onerror = null;
  ontimeout = null;
  onabort = null;
  #method;
  #url;
  #headers = {};
  #request = null;
  #timer;

  open(method, url) {
    this.#method = method;
    this.#url = url;
    this.#become(1);
  }

  setRequestHeader(name, value) {
    this.#headers[name] = value;
  }

  send(body) {
    this.#request = request(this.#url, { method: this.#method, headers: this.#headers });
    this.#request.on("response", (response) => this.#receive(response));
    this.#request.on("error", () => this.#fail("error"));
    this.#request.end(body ?? undefined);
    if (this.timeout > 0) {
      this.#timer = setTimeout(() => this.#fail("timeout"), this.timeout);
    }
  }

  abort() {
    this.#fail("abort");
    this.readyState = 0;
  }

  #receive(response) {
    response.setEncoding("utf8");
    this.#become(2);
    response.on("data", (text) => {
      this.responseText += text;
      this.#become(3);
    });
    response.on("end", () => {
      this.#end();
      this.#become(4);
    });
    response.on("error", () => this.#fail("error"));
  }

  #fail(event) {
    if (this.#request === null) {
      return; // not sent, or over
    }
    this.#request.destroy();
    this.#end();
    this.responseText = "";
    this.#become(4);
    this[`on${event}`]?.();
  }

  #end() {
    clearTimeout(this.#timer);
    this.#request = null;
  }

  #become(state) {
    this.readyState = state;
    this.onreadystatechange?.();
  }
}
