// The legend's little pictures: what the map draws, on a square.

import { s } from "../status/dom.js";
import { MARKS, strokes } from "./images.js";
import { look } from "./palette.js";

const WIDTH = 26;
const HEIGHT = 18;

function place(found) {
  const points = MARKS[found.mark].map(([x, y]) => `${(WIDTH / 2 + x * 17).toFixed(1)},${(HEIGHT / 2 + y * 17).toFixed(1)}`);
  return [s("polygon", { points: points.join(" "), fill: found.colour })];
}

function hatched(found) {
  if (found.pattern === "dots") {
    return [7, 13, 19].map((x, index) => s("circle", { cx: x, cy: index % 2 ? 6 : 12, r: 1.8, fill: found.colour }));
  }
  const lines = [-8, 4, 16, 28].flatMap((left) => strokes(found.pattern, 12).map(([x1, y1, x2, y2]) => [x1 + left, y1, x2 + left, y2]));
  const path = lines.flatMap(([x1, y1, x2, y2]) => [-12, 0, 12].map((down) => `M${x1} ${y1 + down}L${x2} ${y2 + down}`));
  return [s("path", { d: path.join(""), stroke: found.colour, "stroke-width": 1.2 })];
}

/** How a category looks on the map. */
export function swatch(id, dark) {
  const found = look(id, dark);
  const drawing = s("svg", { class: "swatch", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true" });
  if (found.mark) {
    drawing.append(...place(found));
    return drawing;
  }
  if (found.kind === "line") {
    const line = { d: `M1 ${HEIGHT / 2}H${WIDTH - 1}`, stroke: found.colour, "stroke-width": 3 };
    drawing.append(s("path", { ...line, "stroke-dasharray": found.dashed ? "5 2.5" : null }));
    return drawing;
  }
  const box = { x: 2, y: 2, width: WIDTH - 4, height: HEIGHT - 4, rx: 2 };
  if (found.kind === "area") drawing.append(s("rect", { ...box, fill: found.colour, "fill-opacity": 0.5 }));
  // What is hatched is cut off at the edge.
  if (found.pattern) drawing.append(s("svg", box, s("svg", { x: -2, y: -2, width: WIDTH, height: HEIGHT }, ...hatched(found))));
  const edge = { fill: "none", stroke: found.colour, "stroke-width": Math.min(found.width + 0.5, 2.6) };
  drawing.append(s("rect", { ...box, ...edge, "stroke-dasharray": found.dashed ? "4 2.4" : null }));
  return drawing;
}
