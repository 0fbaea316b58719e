/** phoenix.js' own way back, with shorter pauses between the attempts. */
export function impatience(isConnected) {
  return {
    // Up to 1.3 also the pauses between rejoins. There 1.2.1 needs time for an answer: if it asks again before, it
    // forgets to put a ref on the join, and never hears of it.
    reconnectAfterMs: (tries) => (tries > 1 && isConnected() ? 60_000 : 50),
    rejoinAfterMs: () => 50,
  };
}
