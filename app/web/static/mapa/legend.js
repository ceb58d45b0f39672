// The layers by category: what they look like, how many there are, a switch for each.

import { attribute, h, keyed, s, text } from "../status/dom.js";
import { count, counted } from "../status/format.js";
import { called } from "./palette.js";
import { swatch } from "./swatch.js";

const list = document.getElementById("camadas");
const all = document.getElementById("todas");
const summary = document.getElementById("camadas-resumo");

export class Legend {
  #hidden;
  #categories = [];
  #dark;

  /** `hidden` is the set of ids that are off; `changed()` follows a switch, `show(extent)` somebody's wish to see one. */
  constructor(hidden, { changed, show }) {
    this.#hidden = hidden;
    this.changed = changed;
    this.show = show;
    all.addEventListener("click", () => {
      const off = this.#allShown();
      for (const { id } of this.#categories) {
        if (off) this.#hidden.add(id);
        else this.#hidden.delete(id);
      }
      this.#told();
    });
  }

  /** Shows the categories of /v1/mapa; rows that stay are not made anew. */
  update(categories, total, dark) {
    this.#categories = categories;
    if (dark !== this.#dark) list.replaceChildren();
    this.#dark = dark;
    keyed(list, categories, ({ id }) => id, (category) => this.#made(category), (row, category) => this.#change(row, category));
    text(summary, `${counted(total, "feição", "feições")} em ${counted(categories.length, "camada", "camadas")}`);
    all.hidden = categories.length < 2;
    this.#allSaid();
  }

  /** Takes the switches from the set, which somebody else has changed. */
  refresh() {
    for (const row of list.children) this.#change(row, this.#categories.find(({ id }) => id === row.dataset.key));
    this.#allSaid();
  }

  #allShown() {
    return this.#categories.every(({ id }) => !this.#hidden.has(id));
  }

  #allSaid() {
    text(all, this.#allShown() ? "Ocultar todas" : "Mostrar todas");
  }

  #told() {
    this.refresh();
    this.changed();
  }

  #made(category) {
    const box = h("input", { type: "checkbox" });
    box.addEventListener("change", () => {
      if (box.checked) this.#hidden.delete(category.id);
      else this.#hidden.add(category.id);
      this.#told();
    });
    const near = h(
      "button",
      { type: "button", class: "icon-button", "aria-label": `Aproximar de ${called(category)}`, title: "Aproximar" },
      s("svg", { class: "icon", "aria-hidden": "true" }, s("use", { href: "#icon-near" })),
    );
    near.addEventListener("click", () => {
      this.#hidden.delete(category.id);
      this.#told();
      this.show(this.#categories.find(({ id }) => id === category.id)?.extensao);
    });
    return h(
      "li",
      {},
      h("label", {}, box, swatch(category.id, this.#dark), h("span", { class: "layer-name" }), h("span", { class: "layer-count" })),
      near,
    );
  }

  #change(row, category) {
    if (!category) return;
    const shown = !this.#hidden.has(category.id);
    const box = row.querySelector("input");
    if (box.checked !== shown) box.checked = shown;
    attribute(row, "class", shown ? "layer" : "layer off");
    text(row.querySelector(".layer-name"), called(category));
    text(row.querySelector(".layer-count"), count(category.feicoes));
    row.querySelector("button").hidden = !category.extensao;
  }
}
