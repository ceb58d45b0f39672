// The partitions by year: size, and how it grew.

import { path, runs } from "./chart.js";
import { attribute, h, keyed, s, text } from "./dom.js";
import { bytes, count } from "./format.js";

const WIDTH = 120;
const HEIGHT = 26;
const WORDS = { "1h": "na última hora", "24h": "no último dia" };

function named(name) {
  return name === "default" ? "Outros anos" : name;
}

function grown(points) {
  return points.length > 1 ? points.at(-1)[1] - points[0][1] : null;
}

function make(item) {
  const bar = s("svg", { class: "bar", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" });
  bar.append(s("rect", { width: 0, height: 10 }));
  const trend = s("svg", { class: "trend", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" }, s("path", { class: "line" }));
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, named(item.name)),
    h("td", { class: "amount" }),
    h("td", { class: "share" }, bar),
    h("td", { class: "amount" }),
    h("td", { class: "amount" }),
    h("td", {}, trend),
  );
}

function draw(item, page) {
  const values = item.points.map(([, value]) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const x = (time) => ((time - page.start) / (page.end - page.start)) * (WIDTH - 4) + 2;
  // What did not grow is a line in the middle.
  const y = (value) => (high > low ? HEIGHT - 3 - ((value - low) / (high - low)) * (HEIGHT - 6) : HEIGHT / 2);
  return runs(item.points, page.step)
    .map((run) => path(run, x, y))
    .join("");
}

function change(row, item, page, most) {
  const [, size, share, rows, growth, trend] = row.children;
  text(size, bytes(item.bytes));
  attribute(share.firstChild.firstChild, "width", most ? ((100 * item.bytes) / most).toFixed(2) : 0);
  text(rows, count(item.rows));
  const more = grown(item.points);
  text(growth, more === null ? "—" : bytes(more, { sign: true }));
  attribute(trend.firstChild.firstChild, "d", draw(item, page));
  const words = more === null ? "sem dados" : more === 0 ? "sem mudança" : `mudou ${bytes(more, { sign: true })}`;
  attribute(trend.firstChild, "aria-label", `${named(item.name)} ${WORDS[page.janela]}: ${words}`);
}

function note(page) {
  if (!page.items.length) return "Sem dados.";
  const sum = page.items.reduce((total, item) => total + item.bytes, 0);
  const plan = page.planned_bytes;
  const planned = plan === null ? "" : ` O maior cenário do plano de capacidade prevê ${bytes(plan)} para o fim do ano.`;
  return `Hoje são ${bytes(sum)} ao todo.${planned} Crescimento e evolução: ${WORDS[page.janela]}.`;
}

/** Shows /v1/situacao/particoes; `step` is the time between two of its points. */
export function show(found, step) {
  const page = { ...found, step };
  const table = document.getElementById("partitions");
  table.hidden = !page.items.length;
  text(document.getElementById("partitions-note"), note(page));
  const most = Math.max(0, ...page.items.map((item) => item.bytes));
  keyed(table.tBodies[0], page.items, (item) => item.name, make, (row, item) => change(row, item, page, most));
}
