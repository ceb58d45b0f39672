// What is known of one feature.

import { attribute, h, text } from "../status/dom.js";
import { count } from "../status/format.js";
import { ask, overtaken } from "./api.js";
import * as format from "./format.js";

const panel = document.getElementById("ficha");
const title = document.getElementById("ficha-titulo");
const kind = document.getElementById("ficha-tipo");
const about = document.getElementById("ficha-resumo");
const facts = document.getElementById("ficha-dados");
const others = document.getElementById("ficha-atributos");
const said = document.getElementById("ficha-aviso");
const copy = document.getElementById("copiar");
const address = document.getElementById("endereco");

/** Rows of the panel: what they are called, and what they say of a feature (nothing: no row). */
const ROWS = [
  ["Área", ({ area_m2: area }) => (area > 0 ? format.area(area) : null)],
  ["Perímetro", ({ perimetro_m: edge, area_m2: area }) => (edge > 0 && area > 0 ? format.length(edge) : null)],
  ["Comprimento", ({ perimetro_m: edge, area_m2: area }) => (edge > 0 && !(area > 0) ? format.length(edge) : null)],
  ["Geometria", ({ is_valid: valid, validity_error_msg: why }) => validity(valid, why)],
  ["Camada", ({ camada }) => camada],
  ["Tipo", ({ tipo, categoria }) => (tipo === categoria ? null : tipo)],
  ["Descrição", ({ descricao, nome }) => (descricao === nome ? null : descricao)],
  ["Arquivo de origem", ({ arquivo }) => arquivo],
  ["Feição no arquivo", ({ feature_id: id }) => id],
  ["Importação", ({ importacao_id: run, importado_em: at }) => (run ? [`nº ${count(run)}`, format.when(at)].filter(Boolean).join(", ") : null)],
  ["Criada em", ({ created_at: at }) => format.when(at)],
  ["Atualizada em", ({ updated_at: at }) => format.when(at)],
  ["Número", ({ id }) => String(id)],
];

function validity(valid, why) {
  if (valid === null || valid === undefined) return "Ainda não verificada";
  return valid ? "✓ Válida" : `✕ Inválida${why ? `: ${why}` : ""}`;
}

export class Panel {
  #asking = null;
  #before = null;
  #shown = null;
  #bounds = null;

  /**
   * `closed()` follows the end, `show(extent)` somebody's wish to see it, `named(category)` gives its name; `failed(error)`
   * is called when the service does not answer, `answered()` when it did.
   */
  constructor({ closed, show, named, failed, answered }) {
    Object.assign(this, { closed, named, failed, answered });
    document.getElementById("fechar").addEventListener("click", () => this.close());
    panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
    document.getElementById("aproximar").addEventListener("click", () => this.#bounds && show(this.#bounds));
    copy.addEventListener("click", () => this.#copied());
  }

  /** The feature that is shown, or null. */
  get feature() {
    return this.#shown;
  }

  /** The same question once more, after it could not be answered. */
  again() {
    if (this.#shown !== null) this.#load(this.#shown);
  }

  /**
   * Shows a feature; `known` is what is known of it at once. Gives what the service says of it, or null where it says
   * nothing or somebody has opened another one since.
   */
  async open(id, known = {}) {
    if (this.#shown === null) this.#before = document.activeElement;
    const other = this.#shown !== id;
    this.#shown = id;
    if (other) this.#blank(known);
    panel.hidden = false;
    document.body.classList.add("with-panel");
    if (other) title.focus({ preventScroll: true });
    return this.#load(id);
  }

  #blank({ nome, categoria }) {
    this.#bounds = null;
    text(title, nome ?? "Feição");
    text(kind, categoria ? this.named(categoria) : "");
    facts.replaceChildren();
    about.replaceChildren();
    others.hidden = address.hidden = true;
    text(copy, "Copiar link");
    text(said, "Carregando…");
    panel.scrollTop = 0;
  }

  async #load(id) {
    this.#asking?.abort();
    const mine = new AbortController();
    this.#asking = mine;
    attribute(panel, "aria-busy", true);
    try {
      const found = await ask(`/v1/mapa/feicoes/${id}`, mine.signal);
      if (mine !== this.#asking) return null;
      this.#show(found);
      this.answered();
      this.#more(found.properties.catalogo_id, mine);
      return found;
    } catch (error) {
      if (overtaken(error) || mine !== this.#asking) return null;
      const gone = error.status === 404;
      text(said, gone ? "Esta feição não existe mais." : "Não foi possível carregar os dados; nova tentativa em alguns segundos.");
      if (gone) this.answered();
      else this.failed(error);
      return null;
    } finally {
      if (mine === this.#asking) attribute(panel, "aria-busy", false);
    }
  }

  #show({ id, bbox, properties }) {
    const row = { id, ...properties };
    this.#bounds = bbox;
    text(title, row.nome);
    text(kind, this.named(row.categoria));
    text(said, "");
    const known = ROWS.map(([name, say]) => [name, say(row)]).filter(([, value]) => value !== null && value !== undefined && value !== "");
    const [first, rest] = [known.slice(0, 2), known.slice(2)];
    about.replaceChildren(...first.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
    facts.replaceChildren(...rest.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
  }

  /** The attributes as they stood in the file; without them the rest is still worth showing. */
  async #more(entry, mine) {
    try {
      const { origem } = await ask(`/v1/catalogo/${entry}`, mine.signal);
      if (mine !== this.#asking) return;
      const known = Object.entries(origem?.atributos ?? {}).filter(([, value]) => value !== null && value !== "");
      const told = (value) => (typeof value === "object" ? JSON.stringify(value) : String(value));
      others.querySelector("dl").replaceChildren(...known.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, told(value))]));
      others.hidden = known.length === 0;
    } catch (error) {
      if (!overtaken(error)) console.info("no attributes:", error.message);
    }
  }

  async #copied() {
    const link = location.href;
    try {
      await navigator.clipboard.writeText(link);
      text(copy, "Link copiado");
      text(said, "Link copiado.");
    } catch {
      // Without TLS browsers lend no clipboard: the link is there to be copied by hand.
      address.hidden = false;
      address.value = link;
      address.select();
      text(said, "Copie o link abaixo.");
    }
  }

  /** Closes it; the focus goes back to where it was. */
  close() {
    if (this.#shown === null) return;
    this.#asking?.abort();
    this.#asking = this.#bounds = this.#shown = null;
    panel.hidden = true;
    document.body.classList.remove("with-panel");
    if (this.#before?.isConnected) this.#before.focus({ preventScroll: true });
    this.#before = null;
    this.answered();
    this.closed();
  }
}
