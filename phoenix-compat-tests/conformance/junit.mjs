import { details, frames } from "./report.mjs";

/** The results as a JUnit XML report: a suite per section and transport, with the frames of each case. */
export function junit(results) {
  const suites = group(results);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="conformance" ${counts(results)}>`,
    ...[...suites].flatMap(([name, cases]) => [
      `  <testsuite name="${escape(name)}" ${counts(cases)}>`,
      ...cases.map(testCase),
      "  </testsuite>",
    ]),
    "</testsuites>",
    "",
  ].join("\n");
}

function testCase(result) {
  const { suite, name, outcome, reason, rows, ms } = result;
  const attributes = `classname="${escape(suite)}" name="${escape(name)}" time="${seconds(ms)}"`;
  const inner = {
    passed: () => `<system-out>${escape(frames(rows))}</system-out>`,
    failed: () => `<failure message="${escape(reason)}">${escape(details(result))}</failure>`,
    skipped: () => `<skipped message="${escape(reason)}"/>`,
  }[outcome]();
  return `    <testcase ${attributes}>${inner}</testcase>`;
}

function counts(results) {
  const count = (outcome) => results.filter((result) => result.outcome === outcome).length;
  const time = results.reduce((sum, { ms }) => sum + ms, 0);
  return `tests="${results.length}" failures="${count("failed")}" errors="0" skipped="${count("skipped")}" ` +
    `time="${seconds(time)}"`;
}

function group(results) {
  const groups = new Map();
  for (const result of results) {
    groups.set(result.suite, [...(groups.get(result.suite) ?? []), result]);
  }
  return groups;
}

const seconds = (ms) => (ms / 1000).toFixed(3);

// XML 1.0 §2.2 forbids most control characters, even escaped.
const escape = (text) => text
  .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
  .replace(/[&<>"]/g, (character) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[character]);
