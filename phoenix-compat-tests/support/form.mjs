const forms = ["quick", "full", "long"];
const form = process.env.KAFFEDIEM_TESTS || "quick";
if (!forms.includes(form)) {
  throw new Error(`KAFFEDIEM_TESTS=${form}: the forms are quick, full and long.`);
}

/** Whether every rule is tested once only: the default, see CONTRIBUTING.md. */
export const isQuick = form === "quick";

/** The version of phoenix.js that the quick form runs every scenario with. */
export const newest = "1.8.16";

/** Announces what this run will do. */
export const announcement = isQuick
  ? `phoenix.js in the quick form: every scenario in ${newest}, the essential ones in all nine versions; about a minute.`
  : "phoenix.js in the full form: every scenario in all nine versions; some minutes.";
