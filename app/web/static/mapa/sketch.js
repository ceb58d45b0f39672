// The map as a plain canvas draws it, from the same tiles and in the same place: seen long before WebGL is ready, and the
// only map where there is none. It does not move.

import { hatch, mark } from "./images.js";
import { ground, look } from "./palette.js";
import { told, filled, zoomed } from "./place.js";
import { room } from "./sheet.js";
import { DASHES, EDGED_PX, FILLED, LAST_ZOOM, MARKED_PX, TILES, WIDER, squared } from "./style.js";
import { AREAS, POINTS, features } from "./tile.js";

/** A screen has fewer. */
const MOST_TILES = 30;
const PATIENCE_MS = 5_000;

/** How many times their width lines are drawn at a zoom. */
function wider(zoom) {
  const after = WIDER.findIndex(([at]) => at > zoom);
  if (after <= 0) return WIDER.at(after)[1];
  const [[z0, before], [z1, then]] = WIDER.slice(after - 1, after + 1);
  return before + ((zoom - z0) / (z1 - z0)) * (then - before);
}

/** The tiles that cover a view, as {path, left, top, size} in its pixels. */
export function covering({ x, y, world }, { width, height }) {
  const z = Math.min(Math.max(Math.floor(zoomed({ world })), 0), LAST_ZOOM);
  const size = world / 2 ** z;
  const [west, north] = [x * world - width / 2, y * world - height / 2];
  const found = [];
  const last = 2 ** z - 1;
  for (let row = Math.max(0, Math.floor(north / size)); row <= Math.min(last, (north + height) / size); row += 1) {
    for (let column = Math.max(0, Math.floor(west / size)); column <= Math.min(last, (west + width) / size); column += 1) {
      found.push({ path: `${TILES}/${z}/${row}/${column}`, left: column * size - west, top: row * size - north, size });
    }
  }
  return found.slice(0, MOST_TILES);
}

async function read({ path, ...place }) {
  const answer = await fetch(path, { signal: AbortSignal.timeout(PATIENCE_MS) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return { place, found: features(await answer.arrayBuffer(), place) };
}

/** One drawing: features in the order of the map's layers, of which none is drawn beyond its tile. */
class Drawing {
  #pen;
  #looks;
  #dark;
  #zoom;
  #made = new Map();
  /** What lies in two tiles has one mark. */
  #marked = new Set();

  constructor(pen, { looks, dark, zoom }) {
    this.#pen = pen;
    this.#looks = looks;
    this.#dark = dark;
    this.#zoom = zoom;
  }

  tile({ place: { left, top, size }, found }) {
    const pen = this.#pen;
    const shown = found
      .map((feature) => ({ ...feature, area: feature.properties.area_m2 ?? 0, look: this.#looks.get(feature.properties.categoria) }))
      .filter(({ look }) => look)
      .sort((one, other) => other.area - one.area);
    const areas = shown.filter(({ type }) => type === AREAS);
    pen.save();
    pen.beginPath();
    pen.rect(left, top, size, size);
    pen.clip();
    for (const area of areas) this.#fill(area);
    for (const area of areas) this.#hatch(area);
    for (const feature of shown) this.#edge(feature);
    pen.restore();
    for (const feature of shown) this.#mark(feature);
  }

  #fill({ path, look: { kind, colour } }) {
    const pen = this.#pen;
    pen.globalAlpha = FILLED[kind];
    pen.fillStyle = kind === "ground" ? ground(this.#dark).farm : colour;
    if (FILLED[kind]) pen.fill(path, "evenodd");
    pen.globalAlpha = 1;
  }

  #hatch({ path, look: { pattern, colour } }) {
    if (!pattern) return;
    const repeated = this.#once(`${pattern} ${colour}`, () => {
      const made = this.#pen.createPattern(picture(hatch(pattern, colour)), "repeat");
      made.setTransform(new DOMMatrix().scale(0.5));
      return made;
    });
    this.#pen.fillStyle = repeated;
    this.#pen.fill(path, "evenodd");
  }

  #edge({ type, path, area, look: { kind, colour, width, dashed } }) {
    if (type === POINTS) return;
    if (type === AREAS && FILLED[kind] && !dashed && area <= squared(EDGED_PX, Math.floor(this.#zoom))) return;
    const pen = this.#pen;
    pen.lineWidth = width * wider(this.#zoom);
    pen.lineJoin = "round";
    pen.strokeStyle = colour;
    pen.setLineDash(dashed ? DASHES.map((length) => length * pen.lineWidth) : []);
    pen.stroke(path);
  }

  #mark({ id, type, middle: [x, y], area, look: { colour, mark: form } }) {
    const pen = this.#pen;
    const { halo } = ground(this.#dark);
    if (this.#marked.has(id)) return;
    this.#marked.add(id);
    if (type === POINTS) {
      pen.beginPath();
      pen.arc(x, y, 4.5, 0, 2 * Math.PI);
      pen.fillStyle = colour;
      pen.strokeStyle = halo;
      pen.lineWidth = 3;
      pen.setLineDash([]);
      pen.stroke();
      pen.fill();
    } else if (type === AREAS && form && area < squared(MARKED_PX, Math.floor(this.#zoom))) {
      const made = this.#once(`${form} ${colour}`, () => picture(mark(form, colour, halo)));
      const side = (made.width / 2) * 0.7;
      pen.drawImage(made, x - side / 2, y - side / 2, side, side);
    }
  }

  #once(name, make) {
    if (!this.#made.has(name)) this.#made.set(name, make());
    return this.#made.get(name);
  }
}

function picture(data) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [data.width, data.height];
  canvas.getContext("2d").putImageData(data, 0, 0);
  return canvas;
}

export class Sketch {
  #box;
  #canvas;
  #last = 0;

  /** `box` lies over the map, is as large, and has a canvas. */
  constructor(box) {
    this.#box = box;
    this.#canvas = box.querySelector("canvas");
  }

  /**
   * Draws what the map will show at first, or all of the farm where `start` is null; gives whether it is there. Nothing is drawn without its tiles, or where
   * `clear` came before them.
   */
  async draw({ overview: { categorias, extensao }, hidden, dark, start }) {
    const canvas = this.#canvas;
    const view = this.#box.parentElement;
    const size = { width: view.clientWidth, height: view.clientHeight };
    this.#last += 1;
    const mine = this.#last;
    if (!start && !extensao) return false;
    const place = start ? told(start) : filled(extensao, size, room(view));
    try {
      const tiles = await Promise.all(covering(place, size).map(read));
      if (mine !== this.#last) return false;
      const sharp = devicePixelRatio;
      [canvas.width, canvas.height] = [size.width * sharp, size.height * sharp];
      const pen = canvas.getContext("2d");
      pen.scale(sharp, sharp);
      pen.fillStyle = ground(dark).sheet;
      pen.fillRect(0, 0, size.width, size.height);
      const looks = new Map();
      for (const { id, grafias } of categorias) {
        for (const spelt of grafias) if (!hidden.includes(spelt)) looks.set(spelt, look(id, dark));
      }
      const drawing = new Drawing(pen, { looks, dark, zoom: zoomed(place) });
      for (const tile of tiles) drawing.tile(tile);
    } catch (error) {
      console.info("no sketch:", error.message);
      return false;
    }
    this.#box.hidden = false;
    return true;
  }

  /** Lets the map be seen. */
  clear() {
    this.#last += 1;
    this.#box.hidden = true;
  }
}
