import { installChromium } from "./chromium.mjs";
import { announcement, isQuick } from "./form.mjs";

console.log(announcement);
if (!isQuick) {
  installChromium();
}
