// The map's style: few layers that tell the categories apart by themselves, so that a farm of any number of categories
// costs the same, and a switch changes filters, never the source.

import { ground, look } from "./palette.js";

export const SOURCE = "fazenda";
const LAYER = "feicoes";
export const TILES = "/ogc/tiles/WebMercatorQuad";
/** Tiles of this zoom hold a tenth of a metre: nearer ones are drawn from them. */
export const LAST_ZOOM = 16;
const CATEGORY = ["get", "categoria"];
const AREA = ["coalesce", ["get", "area_m2"], 0];
const NOBODY = ["==", ["id"], -1];

/** Square metres that are as wide as `pixels` on screen at a zoom, at the farm's latitude. */
export function squared(pixels, zoom) {
  return Math.round((pixels * 74_700 / 2 ** zoom) ** 2);
}

/** The same at the zoom that is looked at; farther than `from` as there. */
function byZoom(pixels, from = 10) {
  const steps = [];
  for (let zoom = from + 1; zoom < 20; zoom += 1) steps.push(zoom, squared(pixels, zoom));
  return ["step", ["zoom"], squared(pixels, from), ...steps];
}

const POLYGON = ["in", ["geometry-type"], ["literal", ["Polygon", "MultiPolygon"]]];
const POINT = ["in", ["geometry-type"], ["literal", ["Point", "MultiPoint"]]];
const SURFACE = ["!", POINT];

/** An expression with a value for each category. */
function each(categories, value, otherwise) {
  const pairs = categories.flatMap((category) => [category.grafias, value(category)]);
  return pairs.length ? ["match", CATEGORY, ...pairs, otherwise] : otherwise;
}

function only(categories, wanted) {
  return ["in", CATEGORY, ["literal", categories.filter(wanted).flatMap(({ grafias }) => grafias)]];
}

/** Pixels of an area below which its edge is not drawn, and below which its mark is. */
export const [EDGED_PX, MARKED_PX] = [3, 14];
const ROUND_ZOOM = 13;
/** As [zoom, value]: how many times their width lines are drawn, the radius of points, the size of marks. */
export const WIDER = [[10, 0.6], [15, 1.4], [18, 2.4]];
export const RADIUS = [[10, 3], [16, 7]];
export const MARK_SIZE = [[11, 0.55], [15, 0.9]];
export const POINT_EDGE = 1.5;
export const FILLED = { area: 0.5, outline: 0, line: 0, pattern: 0.12, place: 0.75, ground: 1 };
/** Dashes and their gaps, in widths of the line. */
export const DASHES = [3, 1.6];
const SMALL_BELOW = ["*", -1, AREA];

function growing(steps) {
  return ["interpolate", ["linear"], ["zoom"], ...steps.flat()];
}

/** The same at one zoom, for numbers. */
export function grown(steps, zoom) {
  const after = steps.findIndex(([at]) => at > zoom);
  if (after <= 0) return steps.at(after)[1];
  const [[z0, before], [z1, then]] = steps.slice(after - 1, after + 1);
  return before + ((zoom - z0) / (z1 - z0)) * (then - before);
}

/** Filters of every layer that follows the switches; `hidden` are the categories that are switched off. */
export function filters(categories, hidden, dark) {
  const looks = new Map(categories.map((category) => [category, look(category.id, dark)]));
  const shown = ["!", ["in", CATEGORY, ["literal", hidden]]];
  const has = (test) => only(categories, (category) => test(looks.get(category)));
  // A filled area of three pixels is seen without its edge, which costs more to draw than the area.
  const edged = ["any", ["!", POLYGON], has((found) => !FILLED[found.kind]), [">", AREA, byZoom(EDGED_PX, 3)]];
  return {
    areas: ["all", POLYGON, shown],
    hatches: ["all", POLYGON, shown, has((found) => found.pattern)],
    edges: ["all", SURFACE, shown, ["!", has((found) => found.dashed)], edged],
    dashes: ["all", SURFACE, shown, has((found) => found.dashed)],
    points: ["all", POINT, shown],
    marks: ["all", POLYGON, shown, has((found) => found.mark), ["<", AREA, byZoom(MARKED_PX)]],
    "area-names": ["all", POLYGON, shown, [">", AREA, byZoom(56)], ["!", has((found) => found.kind === "ground")]],
    "place-names": ["all", shown, ["any", POINT, has((found) => found.mark)], ["<=", AREA, byZoom(56)]],
  };
}

/** Names of a category's pictures: those for light and dark lie side by side. */
export function named(dark) {
  const scheme = dark ? "dark" : "light";
  return { hatch: (id) => `hatch-${id}-${scheme}`, mark: (id) => `mark-${id}-${scheme}` };
}

function layers(categories, hidden, dark) {
  const images = named(dark);
  const of = (category) => look(category.id, dark);
  const { sheet, farm, ink, halo, pick, casing } = ground(dark);
  const colour = each(categories, (category) => of(category).colour, ink);
  const width = each(categories, (category) => of(category).width, 1.3);
  const hovered = ["boolean", ["feature-state", "hover"], false];
  const told = ["case", hovered, ["+", 1.5, width], width];
  const wide = (of) => growing(WIDER.map(([zoom, times]) => [zoom, ["*", times, of]]));
  const filter = filters(categories, hidden, dark);
  const vector = { source: SOURCE, "source-layer": LAYER };
  const layer = (id, type, paint, layout = {}) => ({ id, type, ...vector, filter: filter[id] ?? NOBODY, paint, layout });
  const round = { "line-join": "round", "line-cap": "round" };
  // Far away corners are not seen, and moving many features takes a third less time without round ones.
  const simple = {
    "line-join": ["step", ["zoom"], "bevel", ROUND_ZOOM, "round"],
    "line-cap": ["step", ["zoom"], "butt", ROUND_ZOOM, "round"],
  };
  const sorted = { "fill-sort-key": SMALL_BELOW };
  // To smooth a fill its outline is drawn a second time as lines, mostly below the edges.
  const plain = { "fill-antialias": false };
  const opacity = each(categories, (category) => FILLED[of(category).kind], 0.5);
  const words = { "text-field": ["get", "nome"], "text-font": ["sans-serif"], "text-max-width": 8, "text-padding": 4 };
  const ofWords = { "text-color": ink, "text-halo-color": halo, "text-halo-width": 1.6 };
  return [
    { id: "sheet", type: "background", paint: { "background-color": sheet } },
    layer(
      "areas",
      "fill",
      {
        "fill-color": each(categories, (category) => (of(category).kind === "ground" ? farm : of(category).colour), ink),
        "fill-opacity": opacity,
        ...plain,
      },
      sorted,
    ),
    layer(
      "hatches",
      "fill",
      { ...plain, "fill-pattern": each(categories, (category) => images.hatch(category.id), "none") },
      sorted,
    ),
    layer("edges", "line", { "line-color": ["case", hovered, ink, colour], "line-width": wide(told) }, simple),
    layer("dashes", "line", { "line-color": colour, "line-width": wide(width), "line-dasharray": DASHES }),
    layer("points", "circle", {
      "circle-color": colour,
      "circle-radius": growing(RADIUS),
      "circle-stroke-color": halo,
      "circle-stroke-width": POINT_EDGE,
    }),
    layer("picked-fill", "fill", { "fill-color": pick, "fill-opacity": 0.22 }),
    layer("picked-casing", "line", { "line-color": casing, "line-width": 7, "line-opacity": 0.85 }, round),
    layer("picked-edge", "line", { "line-color": pick, "line-width": 3.5 }, round),
    layer("picked-point", "circle", {
      "circle-color": pick,
      "circle-radius": 9,
      "circle-stroke-color": casing,
      "circle-stroke-width": 2.5,
    }),
    layer("marks", "symbol", {}, {
      "icon-image": each(categories, (category) => images.mark(category.id), "none"),
      "icon-size": growing(MARK_SIZE),
      "icon-allow-overlap": true,
      "icon-ignore-placement": true,
    }),
    { ...layer("area-names", "symbol", ofWords, { ...words, "text-size": 12.5, "symbol-sort-key": SMALL_BELOW }), minzoom: 12 },
    {
      ...layer("place-names", "symbol", ofWords, { ...words, "text-size": 12, "text-anchor": "top", "text-offset": [0, 0.8] }),
      minzoom: 14,
    },
  ];
}

/** The whole style for what /v1/mapa says. */
export function style({ categorias, extensao }, hidden, dark) {
  return {
    version: 8,
    sources: {
      [SOURCE]: {
        type: "vector",
        tiles: [`${location.origin}${TILES}/{z}/{y}/{x}`],
        maxzoom: LAST_ZOOM,
        // Nothing is asked for where there is nothing.
        ...(extensao ? { bounds: extensao } : {}),
      },
    },
    layers: layers(categorias, hidden, dark),
  };
}

/** Filters of the layers that show what is picked: a feature, and of its entry the rest. */
export function picking(feature) {
  const wanted = feature === null ? NOBODY : ["==", ["id"], feature];
  return {
    "picked-fill": ["all", POLYGON, wanted],
    "picked-casing": ["all", SURFACE, wanted],
    "picked-edge": ["all", SURFACE, wanted],
    "picked-point": ["all", POINT, wanted],
  };
}
