// A line over time as SVG: axes, target, and the value under the pointer or at the arrow keys' place.

import { attribute, s, text } from "./dom.js";
import { clock, moment, quantity, target as targetText } from "./format.js";

const WIDTH = 360;
const HEIGHT = 150;
const LEFT = 52;
const RIGHT = 10;
const TOP = 10;
const BOTTOM = 24;
const TICKS = 3;
const ROOM = 0.12;

const HOUR = 3600;
const EVERY = { "1h": HOUR / 4, "24h": 6 * HOUR };
const WORDS = { "1h": "na última hora", "24h": "no último dia" };

/** Steps of 1, 2 or 5 times a power of ten, about `wanted` of them over the range. */
export function ticks(low, high, wanted = TICKS) {
  const rough = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough);
  const found = [];
  for (let index = Math.ceil(low / step - 1e-9); index * step <= high + step * 1e-9; index += 1) found.push(index * step + 0); // no -0
  return found;
}

/** What the vertical axis shows: all values, the target, and a little room; shares end at 100 % where none is above. */
export function range(kpi, values) {
  const all = [...values, kpi.target];
  let low = Math.min(...all);
  let high = Math.max(...all);
  if (kpi.better === "lower" || kpi.unit !== "ratio") low = Math.min(0, low);
  const room = (high - low || Math.abs(high) || 1) * ROOM;
  if (low !== 0) low -= room;
  if (kpi.unit === "ratio" && kpi.better === "higher" && high <= 1) high = 1 + (1 - low) * 0.04;
  else high += room;
  return [low, high];
}

/** Runs of points without a gap: a step without a point was not measured. */
export function runs(points, step) {
  const found = [];
  let last = -Infinity;
  for (const point of points) {
    if (point[0] - last > step * 1.5) found.push([]);
    found.at(-1).push(point);
    last = point[0];
  }
  return found;
}

/** Path of a run; a single point becomes a short stroke, else it could not be seen. */
export function path(run, x, y) {
  const at = ([time, value]) => `${x(time).toFixed(1)} ${y(value).toFixed(1)}`;
  return run.length === 1 ? `M${at(run[0])}h1` : `M${run.map(at).join("L")}`;
}

export class Chart {
  constructor(kpi, output) {
    this.kpi = kpi;
    this.output = output;
    this.points = [];
    this.at = -1;
    this.bad = s("rect", { class: "bad", x: LEFT, width: WIDTH - LEFT - RIGHT });
    this.grid = s("g", { class: "grid" });
    this.area = s("path", { class: "area" });
    this.line = s("path", { class: "line" });
    this.goal = s("line", { class: "goal", x1: LEFT, x2: WIDTH - RIGHT });
    this.last = s("circle", { class: "last", r: 3.2 });
    this.cursor = s("g", { class: "cursor", visibility: "hidden" });
    this.empty = s("text", { class: "empty", x: (WIDTH + LEFT) / 2, y: HEIGHT / 2 }, "Sem dados neste período");
    this.svg = s(
      "svg",
      { class: "chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", tabindex: "0" },
      ...[this.bad, this.grid, this.area, this.goal, this.line, this.last, this.empty, this.cursor],
    );
    this.svg.addEventListener("pointermove", (event) => this.#point(event));
    this.svg.addEventListener("pointerleave", () => this.#leave());
    this.svg.addEventListener("blur", () => this.#leave());
    this.svg.addEventListener("keydown", (event) => this.#key(event));
  }

  update(kpi, page) {
    const points = page.series[kpi.name] ?? [];
    const drawn = JSON.stringify([page.start, page.end, points, kpi.state, kpi.value]);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    Object.assign(this, { kpi, points, page });
    const [low, high] = range(kpi, points.map(([, value]) => value));
    this.x = (time) => LEFT + ((time - page.start) / (page.end - page.start)) * (WIDTH - LEFT - RIGHT);
    this.y = (value) => HEIGHT - BOTTOM - ((value - low) / (high - low)) * (HEIGHT - TOP - BOTTOM);
    this.svg.dataset.state = kpi.state;
    attribute(this.svg, "aria-label", this.#words());
    this.#axes(low, high);
    this.#lines();
    if (this.at >= 0) this.#show(Math.min(this.at, points.length - 1));
  }

  #words() {
    const { kpi, points, page } = this;
    const begin = `${kpi.titulo} ${WORDS[page.janela]}: `;
    const values = points.map(([, value]) => value);
    if (!values.length) return `${begin}sem dados. Meta: ${targetText(kpi)}.`;
    const [least, most] = [Math.min(...values), Math.max(...values)].map((value) => quantity(value, kpi.unit));
    return `${begin}de ${least} a ${most}. Meta: ${targetText(kpi)}. As setas percorrem os valores.`;
  }

  #axes(low, high) {
    const { kpi, page, x, y } = this;
    const parts = [];
    for (const value of ticks(low, high)) {
      const at = y(value).toFixed(1);
      const label = quantity(value, kpi.unit, { like: high });
      parts.push(s("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: at, y2: at }));
      parts.push(s("text", { class: "value", x: LEFT - 5, y: at, dy: "0.35em" }, label.replace("feições/s", "").trim()));
    }
    const every = EVERY[page.janela];
    // Whole hours of the reader's clock, not of UTC.
    const shift = new Date(page.start * 1000).getTimezoneOffset() * 60;
    for (let time = Math.ceil((page.start - shift) / every) * every + shift; time <= page.end; time += every) {
      const at = x(time);
      if (at > LEFT + 12 && at < WIDTH - RIGHT - 12) {
        parts.push(s("text", { class: "time", x: at.toFixed(1), y: HEIGHT - 7 }, clock(new Date(time * 1000))));
      }
    }
    this.grid.replaceChildren(...parts);
    const goal = y(kpi.target).toFixed(1);
    attribute(this.goal, "y1", goal);
    attribute(this.goal, "y2", goal);
    const [from, to] = kpi.better === "lower" ? [TOP, y(kpi.target)] : [y(kpi.target), HEIGHT - BOTTOM];
    attribute(this.bad, "y", from.toFixed(1));
    attribute(this.bad, "height", Math.max(0, to - from).toFixed(1));
  }

  #lines() {
    const { points, page, x, y } = this;
    const found = runs(points, page.step);
    attribute(this.line, "d", found.map((run) => path(run, x, y)).join(""));
    const floor = HEIGHT - BOTTOM;
    const areas = found.filter((run) => run.length > 1);
    const close = (run) => `${path(run, x, y)}L${x(run.at(-1)[0]).toFixed(1)} ${floor}L${x(run[0][0]).toFixed(1)} ${floor}Z`;
    attribute(this.area, "d", areas.map(close).join(""));
    const last = points.at(-1);
    attribute(this.last, "visibility", last ? "visible" : "hidden");
    attribute(this.empty, "visibility", last ? "hidden" : "visible");
    this.svg.classList.toggle("nothing", !last);
    if (last) {
      attribute(this.last, "cx", x(last[0]).toFixed(1));
      attribute(this.last, "cy", y(last[1]).toFixed(1));
    } else {
      this.#leave();
    }
  }

  #point(event) {
    if (!this.points.length) return;
    const box = this.svg.getBoundingClientRect();
    const at = ((event.clientX - box.left) / box.width) * WIDTH;
    let nearest = 0;
    this.points.forEach(([time], index) => {
      if (Math.abs(this.x(time) - at) < Math.abs(this.x(this.points[nearest][0]) - at)) nearest = index;
    });
    this.#show(nearest);
  }

  #key(event) {
    const end = this.points.length - 1;
    const at = this.at < 0 ? end : this.at;
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: end }[event.key];
    if (event.key === "Escape") this.#leave();
    if (to === undefined || end < 0) return;
    event.preventDefault();
    this.#show(Math.min(Math.max(to, 0), end));
    text(this.output, this.reading);
  }

  #show(index) {
    this.at = index;
    const [time, value] = this.points[index];
    const [x, y] = [this.x(time), this.y(value)];
    this.reading = `${moment(new Date(time * 1000))}: ${quantity(value, this.kpi.unit)}`;
    const width = this.reading.length * 6.4 + 14;
    const left = Math.min(Math.max(x - width / 2, LEFT), WIDTH - RIGHT - width);
    const top = y > TOP + 34 ? y - 32 : y + 10;
    this.cursor.replaceChildren(
      s("line", { x1: x, x2: x, y1: TOP, y2: HEIGHT - BOTTOM }),
      s("circle", { cx: x, cy: y, r: 3.6 }),
      s("rect", { x: left, y: top, width, height: 22, rx: 5 }),
      s("text", { x: left + width / 2, y: top + 15 }, this.reading),
    );
    attribute(this.cursor, "visibility", "visible");
  }

  #leave() {
    this.at = -1;
    attribute(this.cursor, "visibility", "hidden");
    text(this.output, "");
  }
}
