import { installChromium } from "./chromium.mjs";

installChromium();
