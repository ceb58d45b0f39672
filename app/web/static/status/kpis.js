// A card for each KPI.

import { Chart } from "./chart.js";
import { attribute, badge, h, keyed, text } from "./dom.js";
import { STATES, ago, day, moment, target, value } from "./format.js";

const parts = new WeakMap();

function make(kpi) {
  const found = {
    state: h("p", { class: "state" }),
    value: h("p", { class: "number" }),
    target: h("p", { class: "target" }),
    since: h("p", { class: "since" }),
    output: h("p", { class: "hidden", "aria-live": "polite" }),
  };
  const title = `kpi-${kpi.name}`;
  const card = h(
    "li",
    { class: "kpi", "aria-labelledby": title },
    h("div", { class: "row" }, h("h3", { id: title }, kpi.titulo), found.state),
    h("div", { class: "figures" }, found.value, found.target),
    h("p", { class: "about" }, kpi.descricao),
  );
  if (kpi.source === "live") {
    found.chart = new Chart(kpi, found.output);
    card.append(found.chart.svg, found.output);
  }
  card.append(found.since);
  parts.set(card, found);
  return card;
}

function since(kpi, now) {
  if (kpi.state === "unknown") return "";
  if (kpi.source === "release") {
    return kpi.measured_at ? `Medido em ${day(new Date(kpi.measured_at))}` : "Medido com esta versão";
  }
  const from = new Date(kpi.since);
  const worked = `calculado ${ago(new Date(kpi.at), now)}`;
  // The past is known for a day: what has lasted that long may have begun before.
  if (now - from > 23.5 * 3_600_000) return `Assim há um dia ou mais; ${worked}`;
  return `Assim desde ${moment(from, now)}; ${worked}`;
}

function change(card, kpi, page, now) {
  const found = parts.get(card);
  attribute(card, "data-state", kpi.state);
  badge(found.state, kpi.state, STATES[kpi.state]);
  text(found.value, value(kpi));
  text(found.target, `Meta: ${target(kpi)}`);
  text(found.since, since(kpi, now));
  found.chart?.update(kpi, page);
}

/** Shows the KPIs of /v1/kpis with the points of /v1/kpis/series. */
export function show(kpis, page, now) {
  for (const source of ["live", "release"]) {
    const chosen = kpis.filter((kpi) => kpi.source === source);
    keyed(document.getElementById(source), chosen, (kpi) => kpi.name, make, (card, kpi) => change(card, kpi, page, now));
  }
}
