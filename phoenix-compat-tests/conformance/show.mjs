/** Bytes in the notation of the specification, for example 00 ff. */
export const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");

/** A received item, on one line. */
export function describe({ kind, text, bytes, code }) {
  switch (kind) {
    case "text":
      return text;
    case "binary":
      return hex(bytes);
    case "pong":
      return `pong ${hex(bytes)}`.trimEnd();
    case "close":
      return `close ${code ?? "without a code"}`;
    case "end":
      return "the end of the connection";
    default:
      return `a fault: ${text}`;
  }
}
