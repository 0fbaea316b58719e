/** Resolves with the answer to a push or join: `{ status, response }`. */
export function answer(push) {
  return new Promise((resolve) => {
    for (const status of ["ok", "error", "teapot", "timeout"]) {
      push.receive(status, (response) => resolve({ status, response }));
    }
  });
}
