/** Lets phoenix.js reconnect as usual, but with shorter pauses between the attempts. */
export function impatience(isConnected) {
  return {
    // Up to 1.3 this is also the pause between rejoins. 1.2.1 needs time for the answer: if it tries again earlier, it
    // sends the join without a ref and never gets the reply.
    reconnectAfterMs: (tries) => (tries > 1 && isConnected() ? 60_000 : 50),
    rejoinAfterMs: () => 50,
  };
}
