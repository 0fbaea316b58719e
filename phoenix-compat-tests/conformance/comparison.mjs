import { difference } from "./json.mjs";

/** Compares what came with what had to come, and keeps what the server decided on the way. */
export class Comparison {
  /** What placeholders stand for from now on: `token`, `forgedtoken`, `guessedtoken`. */
  captured = { guessedtoken: "conformance" };
  /** The one message of a long-poll answer. */
  message = null;
  /** How many texts were as expected byte for byte, and how many only as JSON. */
  sameBytes = 0;
  sameJson = 0;

  /** The difference between two texts of JSON, or null. */
  difference(expected, received) {
    return difference(expected, received, this.#isFree);
  }

  /** Counts a text that is as expected. */
  count(expected, received) {
    // What the server decides is cut out: around it, the bytes can be the same.
    const parts = expected.split(/"<[a-z]+>"/).map((part) => part.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
    const isSame = new RegExp(`^${parts.join("[^]*")}$`, "u").test(received);
    this[isSame ? "sameBytes" : "sameJson"]++;
  }

  /** Takes the session's token, and forges one from it. */
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
      case "message": // a text of JSON within JSON
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
