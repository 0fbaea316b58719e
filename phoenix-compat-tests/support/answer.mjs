/** A push's or a join's answer: `{ status, response }`. */
export function answer(push) {
  return new Promise((resolve) => {
    for (const status of ["ok", "error", "teapot", "timeout"]) {
      push.receive(status, (response) => resolve({ status, response }));
    }
  });
}
