// Search as you type, in the catalogue's own search: a combobox whose list stays in sight.

import { attribute, h, text } from "../status/dom.js";
import { count } from "../status/format.js";
import { ask, overtaken, path } from "./api.js";

const WAIT_MS = 180;
const PAGE = 30;

const field = document.getElementById("busca");
const list = document.getElementById("achados");
const summary = document.getElementById("achados-resumo");
const more = document.getElementById("mais");
const everything = document.getElementById("listar");

export class Search {
  #asking = null;
  #timer;
  #query = "";
  #next = null;
  #active = -1;
  #items = [];
  #open = false;

  /**
   * `chosen(entry)` is a result that somebody wants to see; `changed()` another search; `opened()` the list came up;
   * `failed(error)` is called when the service does not answer, `answered()` when it did.
   */
  constructor({ chosen, changed, opened, failed, answered }) {
    Object.assign(this, { chosen, changed, opened, failed, answered });
    field.addEventListener("input", () => this.#typed());
    field.addEventListener("keydown", (event) => this.#key(event));
    field.form.addEventListener("submit", (event) => event.preventDefault());
    everything.addEventListener("click", () => {
      field.value = "";
      this.#begin("");
    });
    more.addEventListener("click", () => this.#ask(this.#next));
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.#choose([...list.children].indexOf(option));
    });
    // The field keeps the focus, and with it the keys.
    list.addEventListener("mousedown", (event) => event.preventDefault());
  }

  /** What is searched for. */
  get query() {
    return this.#query;
  }

  /** The same question once more, after it could not be answered. */
  again() {
    if (this.#open) this.#ask(this.#items.length ? this.#next : 0);
  }

  #typed() {
    clearTimeout(this.#timer);
    const query = field.value.trim();
    if (!query) {
      this.close();
      return;
    }
    this.#timer = setTimeout(() => {
      if (query !== this.#query || !this.#open) this.#begin(query);
    }, WAIT_MS);
  }

  #begin(query) {
    this.#query = query;
    this.#open = true;
    this.changed();
    this.#ask(0);
  }

  async #ask(offset) {
    this.#asking?.abort();
    const mine = new AbortController();
    this.#asking = mine;
    attribute(list, "aria-busy", true);
    try {
      const asked = path("/v1/catalogo", { query: this.#query, only_geometric: true, limit: PAGE, offset });
      const found = await ask(asked, mine.signal);
      if (mine !== this.#asking) return;
      this.#show(found.items, offset);
      this.#next = found.next_offset;
      more.hidden = this.#next === null;
      this.#said();
      this.answered();
    } catch (error) {
      if (overtaken(error) || mine !== this.#asking) return;
      if (offset === 0) this.#show([], 0);
      text(summary, "A busca não respondeu; nova tentativa em alguns segundos.");
      this.failed(error);
    } finally {
      if (mine === this.#asking) attribute(list, "aria-busy", false);
    }
  }

  #show(items, offset) {
    const options = items.map((item, index) =>
      h(
        "li",
        { role: "option", id: `achado-${offset + index}`, "aria-selected": "false" },
        h("span", { class: "found-name" }, item.nome),
        h("span", { class: "found-about" }, [item.tipo, item.descricao].filter((word) => word && word !== item.nome).join(" · ")),
      ),
    );
    if (offset === 0) {
      list.replaceChildren(...options);
      list.scrollTop = 0;
      this.#items = items;
      this.#activate(-1);
      more.hidden = true;
    } else {
      list.append(...options);
      this.#items = [...this.#items, ...items];
    }
    const any = this.#items.length > 0;
    list.hidden = !any;
    attribute(field, "aria-expanded", any);
    this.opened();
  }

  #said() {
    const number = this.#items.length;
    if (!number) {
      text(summary, this.#query ? `Nada encontrado para “${this.#query}”.` : "Nada encontrado.");
    } else if (this.#next === null) {
      text(summary, number === 1 ? "1 encontrada" : `${count(number)} encontradas`);
    } else {
      text(summary, `As primeiras ${count(number)}`);
    }
  }

  #activate(index) {
    list.children[this.#active]?.setAttribute("aria-selected", "false");
    this.#active = index;
    const option = list.children[index];
    if (!option) {
      field.removeAttribute("aria-activedescendant");
      return;
    }
    option.setAttribute("aria-selected", "true");
    attribute(field, "aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  #key(event) {
    const last = this.#items.length - 1;
    if (event.key === "Escape") {
      event.preventDefault();
      if (this.#active >= 0) this.#activate(-1);
      else {
        field.value = "";
        this.close();
      }
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (last >= 0) this.#choose(Math.max(this.#active, 0));
    } else if (last < 0 || event.altKey || event.ctrlKey || event.metaKey) {
      return;
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      this.#activate(this.#active >= last ? 0 : this.#active + 1);
    } else if (event.key === "ArrowUp") {
      event.preventDefault();
      this.#activate(this.#active <= 0 ? last : this.#active - 1);
    }
  }

  #choose(index) {
    const item = this.#items[index];
    if (!item) return;
    this.#activate(index);
    this.chosen(item);
  }

  /** Nothing is searched for. */
  close() {
    clearTimeout(this.#timer);
    this.#asking?.abort();
    this.#asking = null;
    this.#items = [];
    this.#active = -1;
    this.#open = false;
    list.replaceChildren();
    list.hidden = more.hidden = true;
    field.removeAttribute("aria-activedescendant");
    attribute(field, "aria-expanded", false);
    text(summary, "");
    const before = this.#query;
    this.#query = "";
    this.answered();
    if (before) this.changed();
  }
}
