// Longer rows are shortened in the middle: a snapshot can be very long, and the reason names the difference.
const MAX_TEXT = 600;
// The number of last rows to show of a failed case.
const MAX_ROWS = 40;

/** One line for the result of a case. */
export function progress({ outcome, suite, name, reason }) {
  const word = { passed: "ok  ", failed: "FAIL", skipped: "skip" }[outcome];
  return `${word}  ${suite.padEnd(24)}  ${name}${outcome === "skipped" ? ` (${reason})` : ""}`;
}

/** The failed cases with their frames, and the count. */
export function summary(results) {
  const failed = results.filter((result) => result.outcome === "failed");
  const count = (outcome) => results.filter((result) => result.outcome === outcome).length;
  const sum = (name) => results.reduce((total, result) => total + (result[name] ?? 0), 0);
  return [
    ...failed.map((result) => `\n${details(result)}`),
    "",
    `${count("passed")} passed, ${count("failed")} failed, ${count("skipped")} skipped`,
    `${sum("sameBytes")} frames and answers were as expected byte for byte, ` +
      `${sum("sameJson")} as JSON (other order of members, white space or escapes)`,
  ].join("\n");
}

/** A failed case with its rule, its reason and its table of frames. */
export function details({ suite, name, source, reason, rows }) {
  return [
    `FAIL  ${suite}: ${name}`,
    `      rule       ${source}`,
    `      reason     ${reason}`,
    ...(rows.length > MAX_ROWS ? [`      (${rows.length - MAX_ROWS} rows before)`] : []),
    frames(rows.slice(-MAX_ROWS)).replace(/^/gm, "      "),
  ].join("\n");
}

/** The table of sent, expected, received and skipped frames, in order. */
export function frames(rows) {
  return rows.map(({ column, text }) => `${column.padEnd(11)}${shorten(show(text))}`).join("\n");
}

/** The steps of the cases. */
export function list(suites) {
  return suites.flatMap(({ name, cases }) => cases.map((testCase) =>
    [`${name}: ${testCase.name}`, `  rule       ${testCase.source}`, steps(testCase)].join("\n"))).join("\n\n");
}

function steps({ handshake, answer, steps }) {
  const opening = [handshake && { handshake }, answer && { answer }].filter(Boolean);
  return [...opening, ...steps].flatMap(Object.entries).map(([kind, value]) =>
    `  ${kind.padEnd(11)}${shorten(typeof value === "string" ? show(value) : JSON.stringify(value))}`).join("\n");
}

const shorten = (text) => (text.length <= MAX_TEXT
  ? text
  : `${text.slice(0, MAX_TEXT / 2)} … ${text.slice(-MAX_TEXT / 2)} (${text.length} characters)`);

// Escapes invisible characters, so that a row is one line and shows them.
const show = (text) => text.replace(/[\u0000-\u001f\u007f\u2028\u2029]/g, (character) =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
