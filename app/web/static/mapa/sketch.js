// The map as a plain canvas draws it, from the same tiles and in the same place, without names: seen long before WebGL is
// ready, and the only map where there is none. It does not move.

import { askBytes } from "./api.js";
import { PIXEL_RATIO, hatch, mark } from "./images.js";
import { ground, look } from "./palette.js";
import { box, filled, told, zoomed } from "./place.js";
import { room } from "./sheet.js";
import * as drawn from "./style.js";
import { AREAS, POINTS, features } from "./tile.js";

/** The tiles that cover a view where there is anything, as {path, left, top, size} in its pixels. */
function covering({ x, y, world }, { width, height }, { x0, y0, x1, y1 }) {
  const z = Math.min(Math.max(Math.floor(zoomed({ world })), 0), drawn.LAST_ZOOM);
  const size = world / 2 ** z;
  const [west, north] = [x * world - width / 2, y * world - height / 2];
  const rows = [Math.floor(Math.max(north, y0 * world) / size), Math.min(north + height, y1 * world) / size];
  const columns = [Math.floor(Math.max(west, x0 * world) / size), Math.min(west + width, x1 * world) / size];
  const found = [];
  for (let row = rows[0]; row < rows[1]; row += 1) {
    for (let column = columns[0]; column < columns[1]; column += 1) {
      found.push({ path: `${drawn.TILES}/${z}/${row}/${column}`, left: column * size - west, top: row * size - north, size });
    }
  }
  return found;
}

async function read({ path, ...place }) {
  return { place, found: features(await askBytes(path), place) };
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
    pen.globalAlpha = drawn.FILLED[kind];
    pen.fillStyle = kind === "ground" ? ground(this.#dark).farm : colour;
    if (drawn.FILLED[kind]) pen.fill(path, "evenodd");
    pen.globalAlpha = 1;
  }

  #hatch({ path, look: { pattern, colour } }) {
    if (!pattern) return;
    const repeated = this.#once(`${pattern} ${colour}`, () => {
      const made = this.#pen.createPattern(picture(hatch(pattern, colour)), "repeat");
      made.setTransform(new DOMMatrix().scale(1 / PIXEL_RATIO));
      return made;
    });
    this.#pen.fillStyle = repeated;
    this.#pen.fill(path, "evenodd");
  }

  #edge({ type, path, area, look: { kind, colour, width, dashed } }) {
    if (type === POINTS) return;
    if (type === AREAS && drawn.FILLED[kind] && !dashed && area <= drawn.squared(drawn.EDGED_PX, Math.floor(this.#zoom))) return;
    const pen = this.#pen;
    pen.lineWidth = width * drawn.grown(drawn.WIDER, this.#zoom);
    pen.lineJoin = "round";
    pen.strokeStyle = colour;
    pen.setLineDash(dashed ? drawn.DASHES.map((length) => length * pen.lineWidth) : []);
    pen.stroke(path);
  }

  #mark({ id, type, middle: [x, y], area, look: { colour, mark: form } }) {
    const pen = this.#pen;
    const { halo } = ground(this.#dark);
    if (this.#marked.has(id)) return;
    this.#marked.add(id);
    if (type === POINTS) {
      pen.beginPath();
      pen.arc(x, y, drawn.grown(drawn.RADIUS, this.#zoom), 0, 2 * Math.PI);
      pen.fillStyle = colour;
      pen.strokeStyle = halo;
      // Half of it is covered by the point.
      pen.lineWidth = 2 * drawn.POINT_EDGE;
      pen.setLineDash([]);
      pen.stroke();
      pen.fill();
    } else if (type === AREAS && form && area < drawn.squared(drawn.MARKED_PX, Math.floor(this.#zoom))) {
      const made = this.#once(`${form} ${colour}`, () => picture(mark(form, colour, halo)));
      const side = (made.width / PIXEL_RATIO) * drawn.grown(drawn.MARK_SIZE, this.#zoom);
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
   * Draws what the map will show at first, without names, or all of the farm where `start` is null; gives whether it
   * is there. Nothing is drawn without its tiles, or where `clear` came before them.
   */
  async draw({ overview: { categorias, extensao }, hidden, dark, start }) {
    const canvas = this.#canvas;
    const view = this.#box.parentElement;
    const size = { width: view.clientWidth, height: view.clientHeight };
    this.#last += 1;
    const mine = this.#last;
    if (!extensao) return false;
    const place = start ? told(start) : filled(extensao, size, room(view));
    try {
      const tiles = await Promise.all(covering(place, size, box(extensao)).map(read));
      if (mine !== this.#last || !tiles.length) return false;
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
