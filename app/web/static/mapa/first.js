// What is seen first: the farm as a picture, drawn before the rest of the page and the map's library are read.

import { askStale } from "./api.js";
import { read } from "./link.js";
import { Sketch } from "./sketch.js";

export const OVERVIEW = "/v1/mapa";

/** What the address says. */
export const start = read(location.hash);
export const scheme = matchMedia("(prefers-color-scheme: dark)");
export const sketch = new Sketch(document.getElementById("esboco"));
/** The first answer of the overview. */
export const asked = askStale(OVERVIEW);

/** The categories that are off, as the features spell them. */
export function spelt({ categorias }, hidden) {
  return categorias.filter(({ id }) => hidden.has(id)).flatMap(({ grafias }) => grafias);
}

/** Draws what the map shows at first. */
export function outline(overview, hidden) {
  return sketch.draw({ overview, hidden: spelt(overview, hidden), dark: scheme.matches, start: start.view });
}

/** Waits until what was drawn is on the screen, as far as the browser tells. */
function presented() {
  return new Promise((seen) => {
    if (PerformanceObserver.supportedEntryTypes.includes("element")) {
      new PerformanceObserver(seen).observe({ type: "element", buffered: true });
    } else {
      requestAnimationFrame(() => setTimeout(seen));
    }
  });
}

async function begin() {
  try {
    const [overview] = await asked;
    if (await outline(overview, new Set(start.hidden))) await presented();
  } catch {
    // Whoever asks for the answer is told.
  }
}

/** Over once the picture is seen, or will not be. */
export const outlined = begin();
