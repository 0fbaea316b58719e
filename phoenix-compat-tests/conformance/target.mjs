/** The server under test, and the values of the placeholders for it. */
export class Target {
  constructor(options) {
    this.options = options;
    this.timeoutMs = options.timeout;
  }

  /** The HTTP address of a transport; `path` is "websocket" or "longpoll". */
  url(path, query) {
    const { url, "connect-params": params } = this.options;
    const address = new URL(`${url.pathname.replace(/\/$/, "")}/${path}`, url);
    address.protocol = /^(wss|https):$/.test(url.protocol) ? "https:" : "http:";
    address.search = [...pairs(params), query].filter((part) => part !== "").join("&");
    return address;
  }

  /** The headers of every WebSocket handshake. */
  get webSocketHeaders() {
    const token = this.options["auth-token"];
    return token === undefined ? {} : { "Sec-WebSocket-Protocol": `phoenix, ${bearer(token, "base64")}` };
  }

  get longPollHeaders() {
    const token = this.options["auth-token"];
    return token === undefined ? {} : { "X-Phoenix-AuthToken": token };
  }

  /** Fills placeholders in the text of a message: escaped in strings, and `<params>` and `<response>` as JSON. */
  fill(text, captured = {}) {
    return this.#fill(text, captured, (value) => JSON.stringify(value).slice(1, -1));
  }

  /** Fills placeholders in the query of a URL. */
  fillQuery(text, captured = {}) {
    return this.#fill(text, captured, encodeURIComponent);
  }

  /** Fills placeholders in a header. */
  fillHeader(text, captured = {}) {
    return this.#fill(text, captured, (value) => value);
  }

  /**
   * Reads bytes in the notation of the specification, for example `00 02 05 "12" "topic"`: two hex digits per byte,
   * quotes around text. `#"text"` is one byte, the length of the text in UTF-8.
   */
  bytes(notation) {
    const parts = [...notation.matchAll(/(#?)"([^"]*)"|([0-9a-f]{2})|(\S)/g)].map(([, sign, text, hex, rest]) => {
      if (rest !== undefined) {
        throw new Error(`cannot read ${rest} in ${notation}`);
      }
      if (hex !== undefined) {
        return Buffer.from(hex, "hex");
      }
      const bytes = Buffer.from(this.#fill(text, {}, (value) => value));
      return sign === "#" ? Buffer.from([bytes.length]) : bytes;
    });
    return Buffer.concat(parts);
  }

  #fill(text, captured, encode) {
    const filled = text.replace(/<([a-z]+)( \d+)?>/g, (placeholder, name, number) => {
      switch (name) {
        case "any":
        case "presences":
          return `"${placeholder}"`;
        case "params":
          return this.options.params;
        case "response":
          return this.options.response ?? `"${placeholder}"`;
        default: {
          const value = captured[name] ?? this.#value(name, number);
          return value === undefined ? placeholder : encode(value);
        }
      }
    });
    return this.#pad(filled);
  }

  #value(name, number) {
    const { options } = this;
    switch (name) {
      case "topic":
        return number === undefined ? options.topic : options["topic-pattern"].replace("<n>", number.trim());
      case "presence":
        return options["presence-topic"];
      case "unmatched":
        return options["unmatched-topic"];
      case "echo":
        return options["echo-event"];
      case "crash":
        return options["crash-event"];
      case "broadcast":
        return options["broadcast-event"]?.[0];
      case "broadcasted":
        return options["broadcast-event"]?.[1];
      case "push":
        return options["push-event"]?.[0];
      case "pushed":
        return options["push-event"]?.[1];
      case "bearer":
        return bearer(options["auth-token"], "base64");
      case "bearerurl":
        return bearer(options["auth-token"], "base64url");
      case "refusedorigin":
        return options["refused-origin"];
      case "refusedsubprotocol":
        return options["refused-subprotocol"];
      default:
        return undefined;
    }
  }

  // `<fill N>` inserts as many x as make the whole text N bytes long; `<fill limit>` takes N from --max-message-bytes.
  #pad(text) {
    return text.replace(/<fill (limit|\d+)(\+1)?>/, (placeholder, size, more) => {
      const wanted = (size === "limit" ? this.options["max-message-bytes"] : Number(size)) + (more ? 1 : 0);
      return "x".repeat(wanted - Buffer.byteLength(text) + placeholder.length);
    });
  }
}

// phoenix.js sends the standard alphabet without padding, although the name is base64url; servers accept both.
const bearer = (token, encoding) =>
  `base64url.bearer.phx.${Buffer.from(token).toString(encoding).replace(/=+$/, "")}`;

// As in phoenix.js: {a: {b: 1}} becomes a%5Bb%5D=1, and the keys of an array are its indexes.
function pairs(params, prefix) {
  return Object.entries(params).flatMap(([name, value]) => {
    const key = prefix === undefined ? name : `${prefix}[${name}]`;
    return typeof value === "object" && value !== null
      ? pairs(value, key)
      : [`${encodeURIComponent(key)}=${encodeURIComponent(value)}`];
  });
}
