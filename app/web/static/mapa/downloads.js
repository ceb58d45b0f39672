// Links to what is shown as a file: everything, the search, or one category.

import { attribute, h } from "../status/dom.js";
import { path } from "./api.js";
import { called } from "./palette.js";

const choice = document.getElementById("baixar");
const links = document.querySelectorAll("[data-format]");

let query = "";

function change() {
  const [what, name] = [choice.value[0], choice.value.slice(1)];
  const asked = { categoria: what === "c" ? name : null, query: what === "q" ? query : null };
  for (const link of links) attribute(link, "href", path(`/v1/exportacao.${link.dataset.format}`, asked));
}

/** Offers the categories of /v1/mapa, and the search where there is one. */
export function offer(categories, searched) {
  const before = choice.value;
  const fresh = searched && searched !== query;
  query = searched;
  const options = [["*", "Todas as camadas"]];
  if (query) options.push(["q", `Busca: “${query}”`]);
  for (const category of categories) options.push([`c${category.categoria}`, called(category)]);
  choice.replaceChildren(...options.map(([value, name]) => h("option", { value }, name)));
  const known = options.some(([value]) => value === before);
  choice.value = fresh ? "q" : known ? before : "*";
  change();
}

choice.addEventListener("change", change);
