// On a phone the search and the layers are a sheet at the bottom, which is pulled up by its handle. Elsewhere it is a
// column, and none of this is seen.

import { attribute } from "../status/dom.js";

const handle = document.getElementById("puxador");
const field = document.getElementById("busca");
const narrow = matchMedia("(max-width: 48rem)");

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
