// Compares JSON texts: numbers keep their digits (1 is not 1.0, and long numbers lose no digit), and objects must not
// repeat a member. Differences without meaning in JSON are ignored: the order of members, white space, escapes.
const TOKEN = /\s*("(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null|[[\]{},:])\s*/y;

/**
 * The first difference between two JSON texts, or null. A string "<name>" in the expected text matches any value that
 * `isFree(name, actual)` accepts; without `isFree`, it matches only itself.
 */
export function difference(expected, actual, isFree = () => false) {
  let value;
  try {
    value = parse(actual);
  } catch (error) {
    return `not JSON: ${error.message}`;
  }
  return compare(parse(expected), value, "", isFree);
}

/** Whether a text is one JSON value. */
export function isJson(text) {
  try {
    parse(text);
    return true;
  } catch {
    return false;
  }
}

function compare(expected, actual, path, isFree) {
  const name = /^<([^<>]+)>$/.exec(expected.string ?? "")?.[1];
  if (name !== undefined && isFree(name, actual)) {
    return null;
  }
  if (expected.kind !== actual.kind) {
    return `${at(path)}expected ${show(expected)}, received ${show(actual)}`;
  }
  switch (expected.kind) {
    case "array":
      return compareArrays(expected.items, actual.items, path, isFree);
    case "object":
      return compareObjects(expected.members, actual.members, path, isFree);
    case "string":
      return expected.string === actual.string ? null : unequal(expected, actual, path);
    default:
      return expected.text === actual.text ? null : unequal(expected, actual, path);
  }
}

function compareArrays(expected, actual, path, isFree) {
  if (expected.length !== actual.length) {
    return `${at(path)}expected ${expected.length} elements, received ${actual.length}`;
  }
  return first(expected, (item, index) => compare(item, actual[index], `${path}[${index}]`, isFree));
}

function compareObjects(expected, actual, path, isFree) {
  const extra = [...actual.keys()].find((name) => !expected.has(name));
  const missing = [...expected.keys()].find((name) => !actual.has(name));
  if (missing !== undefined || extra !== undefined) {
    return missing !== undefined ? `${at(path)}"${missing}" is missing` : `${at(path)}"${extra}" is unexpected`;
  }
  return first([...expected], ([name, value]) => compare(value, actual.get(name), `${path}.${name}`, isFree));
}

function first(items, find) {
  for (const [index, item] of items.entries()) {
    const found = find(item, index);
    if (found !== null) {
      return found;
    }
  }
  return null;
}

const unequal = (expected, actual, path) => `${at(path)}expected ${show(expected)}, received ${show(actual)}`;
const at = (path) => (path === "" ? "" : `at ${path.replace(/^\./, "")}: `);
const show = ({ kind, text }) => text ?? (kind === "array" ? "an array" : "an object");

function parse(text) {
  JSON.parse(text); // throws if the text is not JSON, so the code below sees only valid tokens in a valid order
  TOKEN.lastIndex = 0;
  return parseValue(() => TOKEN.exec(text)[1]);
}

function parseValue(next, token = next()) {
  switch (token[0]) {
    case "[":
      return { kind: "array", items: parseItems(next) };
    case "{":
      return { kind: "object", members: parseMembers(next) };
    case '"':
      return { kind: "string", text: token, string: JSON.parse(token) };
    default:
      return { kind: token === "null" ? "null" : /^[tf]/.test(token) ? "boolean" : "number", text: token };
  }
}

function parseItems(next) {
  const items = [];
  for (let token = next(); token !== "]"; token = next()) {
    if (token !== ",") {
      items.push(parseValue(next, token));
    }
  }
  return items;
}

function parseMembers(next) {
  const members = new Map();
  for (let token = next(); token !== "}"; token = next()) {
    if (token !== ",") {
      const name = JSON.parse(token);
      if (members.has(name)) {
        throw new Error(`"${name}" occurs twice`);
      }
      next(); // the colon
      members.set(name, parseValue(next));
    }
  }
  return members;
}
