// Puts the page together: what is asked, what the address says, and what follows a change of either.

import { attribute, text } from "../status/dom.js";
import { ask, askStale } from "./api.js";
import { offer } from "./downloads.js";
import { OVERVIEW, asked, outline, outlined, scheme, sketch, spelt, start } from "./first.js";
import { Legend } from "./legend.js";
import { read, write } from "./link.js";
import { called } from "./palette.js";
import { Panel } from "./panel.js";
import { Search } from "./search.js";
import * as sheet from "./sheet.js";

const EVERY_MS = 30_000;
/** After a failure sooner: it may be over in a moment. */
const AGAIN_MS = 5_000;
/** How long the map waits for the picture of it, so that this is seen before the library keeps the page busy. */
const OUTLINE_MS = 400;

const place = document.getElementById("mapa");
const notice = document.getElementById("aviso");
const trouble = document.getElementById("problema");
const hidden = new Set(start.hidden);
/** What does not answer now: `mapa`, `tiles`, `busca`, `ficha`. */
const away = new Set();
let overview = null;
let map = null;
/** The answer that is under way since the page began. */
let begun = asked;
let unable = false;
let timer;
let written = location.hash;

const off = () => spelt(overview, hidden);

function address() {
  if (!map) return;
  written = write({ feature: panel.feature, view: map.view, hidden: [...hidden] });
  history.replaceState(null, "", location.pathname + location.search + written);
}

function offered() {
  if (overview) offer(overview.categorias, search.query);
}

const legend = new Legend(hidden, {
  changed() {
    map?.hide(off());
    redraw();
    address();
  },
  show(extent) {
    if (!extent) return;
    sheet.lower();
    map?.show(extent);
  },
});

const panel = new Panel({
  closed() {
    map?.pick(null);
    address();
  },
  show: (extent) => map?.show(extent),
  failed: (error) => failed("ficha", error),
  answered: () => arrived("ficha"),
  named(spelt) {
    const found = overview?.categorias.find(({ grafias }) => grafias.includes(spelt));
    return found ? called(found) : spelt;
  },
});

const search = new Search({
  chosen,
  changed: offered,
  opened: sheet.raise,
  failed: (error) => failed("busca", error),
  answered: () => arrived("busca"),
});

function picked(feature) {
  sheet.lower();
  if (!feature) {
    panel.close();
    return;
  }
  map?.pick(feature.id);
  panel.open(feature.id, feature).then(address);
}

/** A result of the search: where it is comes from the catalogue's bounds, which are there even without Postgres. */
async function chosen(entry) {
  sheet.lower();
  const base = `/v1/catalogo/${entry.id}`;
  const [where, what] = await Promise.allSettled([ask(`${base}/bounds`), ask(`${base}/geometrias?limit=1`)]);
  const first = what.value?.features[0];
  if (first) {
    map?.pick(first.id);
    panel.open(first.id, { nome: entry.nome }).then(address);
  }
  if (where.value?.bbox) map?.show(where.value.bbox);
  const lost = [where, what].find(({ status }) => status === "rejected");
  if (lost) failed("mapa", lost.reason);
}

function say(words) {
  notice.hidden = !words;
  text(notice, words);
}

function failed(what, error) {
  console.info("not refreshed:", error?.message ?? what);
  away.add(what);
  told();
  later(AGAIN_MS);
}

function arrived(what) {
  if (away.delete(what)) told();
}

/** Everything in sight is drawn; the first time tells how long somebody waited. */
function seen() {
  if (!performance.getEntriesByName("mapa").length) {
    performance.mark("mapa");
    address();
  }
  sketch.clear();
  arrived("tiles");
}

function told() {
  trouble.hidden = away.size === 0;
  const seen = overview ? "O que já está no mapa continua visível." : "Ainda não há o que mostrar.";
  text(trouble, away.size ? `O catálogo não responde. ${seen} Nova tentativa a cada 5 segundos.` : "");
}

function later(wait) {
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(refresh, wait);
}

/** Asks what there is; what failed before is asked for again. */
async function refresh() {
  clearTimeout(timer);
  try {
    const answer = begun ?? askStale(OVERVIEW);
    begun = null;
    const [now, stale] = await answer;
    const changed = JSON.stringify(now) !== JSON.stringify(overview);
    const first = overview === null;
    overview = now;
    if (stale) away.add("mapa");
    else away.delete("mapa");
    told();
    if (changed) await renew(first);
    else if (away.has("tiles")) map?.retry();
    if (away.has("busca")) search.again();
    if (away.has("ficha")) panel.again();
    later(away.size ? AGAIN_MS : EVERY_MS);
  } catch (error) {
    if (!overview) say("");
    failed("mapa", error);
  }
}

async function renew(first) {
  const { categorias, total } = overview;
  legend.update(categorias, total, scheme.matches);
  offered();
  document.body.classList.toggle("empty", total === 0);
  if (total === 0) say("Nenhuma camada ainda. Assim que um arquivo da fazenda for importado, ele aparece aqui sozinho.");
  else if (!unable) say("");
  if (map) map.update({ overview, picked: panel.feature, fresh: true });
  else if (unable) redraw();
  else if (total > 0) await draw();
  if (first && start.feature) open(start);
}

function still() {
  unable = true;
  document.body.classList.add("still");
}

/** The picture follows only where no map ever takes its place. */
function redraw() {
  if (unable && overview) outline(overview, hidden);
}

/** The library: a megabyte that came while the service was asked, and that takes a while to be read. */
async function loaded() {
  try {
    return await import("./map.js");
  } catch (error) {
    console.info("not loaded:", error.message);
    return null;
  }
}

async function draw() {
  await Promise.race([outlined, new Promise((go) => setTimeout(go, OUTLINE_MS))]);
  const library = await loaded();
  if (!library) {
    // A browser remembers for as long as the page lives that a module did not come.
    still();
    say("O mapa não pôde ser carregado. Recarregue a página; a busca, a lista e as fichas funcionam.");
    return;
  }
  try {
    map = new library.Farm(place, {
      overview,
      hidden: off(),
      dark: scheme.matches,
      view: start.view,
      events: { moves: () => sketch.clear(), moved: address, pick: picked, failed: () => failed("tiles"), arrived: seen },
    });
    document.body.classList.add("drawn");
  } catch (error) {
    console.info("no map:", error.message);
    still();
    say("Este navegador não consegue desenhar o mapa (falta WebGL). A busca, a lista e as fichas funcionam.");
  }
}

async function open({ feature, view }) {
  map?.pick(feature);
  const found = await panel.open(feature);
  if (found && !view) map?.show(found.bbox);
  address();
}

/** Somebody has typed or pasted another address. */
function followed() {
  if (location.hash === written) return;
  const wanted = read(location.hash);
  hidden.clear();
  for (const id of wanted.hidden) hidden.add(id);
  legend.refresh();
  map?.hide(off());
  redraw();
  if (wanted.view) map?.goto(wanted.view);
  if (wanted.feature) open(wanted);
  else panel.close();
}

for (const button of document.querySelectorAll("[data-zoom]")) {
  button.addEventListener("click", () => map?.zoom(Number(button.dataset.zoom)));
}
document.getElementById("fazenda").addEventListener("click", () => overview?.extensao && map?.show(overview.extensao));
scheme.addEventListener("change", () => {
  if (overview) legend.update(overview.categorias, overview.total, scheme.matches);
  map?.update({ dark: scheme.matches, picked: panel.feature });
  redraw();
});
document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : refresh()));
addEventListener("hashchange", followed);
attribute(document.body, "data-ready", true);
refresh();
