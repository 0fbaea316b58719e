import { difference } from "./json.mjs";

/** Compares received with expected texts, and remembers values that the server chose. */
export class Comparison {
  /** The current values of the placeholders `token`, `forgedtoken` and `guessedtoken`. */
  captured = { guessedtoken: "conformance" };
  /** The single message of a long-poll answer. */
  message = null;
  /** The number of texts that were equal byte for byte, and of those equal only as JSON. */
  sameBytes = 0;
  sameJson = 0;

  /** The difference between two JSON texts, or null. */
  difference(expected, received) {
    return difference(expected, received, this.#isFree);
  }

  /** Counts a text that met the expectation. */
  count(expected, received) {
    // Values that the server chooses are left out: the bytes around them can still be equal.
    const parts = expected.split(/"<[a-z]+>"/).map((part) => part.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
    const isSame = new RegExp(`^${parts.join("[^]*")}$`, "u").test(received);
    this[isSame ? "sameBytes" : "sameJson"]++;
  }

  /** Stores the session's token, and forges another from it. */
  captureToken(token) {
    const middle = token.length >> 1;
    const forged = token[middle] === "A" ? "B" : "A";
    this.captured.token = token;
    this.captured.forgedtoken = token.slice(0, middle) + forged + token.slice(middle + 1);
  }

  #isFree = (name, node) => {
    const { string } = node;
    switch (name) {
      case "presences":
        return isPresences(node);
      case "any":
      case "response":
        return true;
      case "message": // JSON text within a JSON string
        this.message = string;
        return string !== undefined;
      case "othertoken":
        return Boolean(string) && ![this.captured.token, this.captured.guessedtoken].includes(string);
      case "newtoken":
        if (string) {
          this.captureToken(string);
        }
        return Boolean(string);
      default:
        return false;
    }
  };
}

// {key: {"metas": [{"phx_ref": "…", …}, …], …}, …}
const isPresences = ({ members }) => members !== undefined && [...members.values()].every((presence) => {
  const metas = presence.members?.get("metas")?.items;
  return metas?.length > 0 && metas.every((meta) => meta.members?.get("phx_ref")?.kind === "string");
});
