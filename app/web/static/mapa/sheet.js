// On a phone the search and the layers are a sheet at the bottom, which is pulled up by its handle. Elsewhere it is a
// column, and none of this is seen.

import { attribute } from "../status/dom.js";

const handle = document.getElementById("puxador");
const field = document.getElementById("busca");
const narrow = matchMedia("(max-width: 48rem)");

const side = document.querySelector(".side");
const panel = document.getElementById("ficha");

/** How much of the map lies under something: pixels from its right and from below. */
function covered(view) {
  const { right, bottom } = view.getBoundingClientRect();
  const open = !panel.hidden;
  if (!narrow.matches) return { right: open ? right - panel.getBoundingClientRect().left : 0, bottom: 0 };
  return { right: 0, bottom: bottom - (open ? panel : side).getBoundingClientRect().top };
}

/** Padding around what the map shows: some room, and none of it under the panel. */
export function room(view) {
  const edge = view.clientWidth < 500 ? 16 : 40;
  const { right, bottom } = covered(view);
  return { top: edge, left: edge, right: edge + right, bottom: edge + bottom };
}

function set(up) {
  attribute(handle, "aria-expanded", up);
  document.body.classList.toggle("sheet-up", up);
}

/** Pulls it up, so that what it holds is seen. */
export function raise() {
  if (document.activeElement === field || narrow.matches === false) set(true);
}

/** Lets it down, so that the map is seen. */
export function lower() {
  if (!narrow.matches) return;
  set(false);
  // The keyboard of a phone would cover what was asked for.
  if (document.activeElement === field) field.blur();
}

handle.addEventListener("click", () => set(handle.getAttribute("aria-expanded") !== "true"));
field.addEventListener("focus", () => set(true));
