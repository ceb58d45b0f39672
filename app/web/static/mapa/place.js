// Where a view lies: its middle in a world whose sides are 1 (Web Mercator, y downwards), and how many pixels wide that
// world is.

/** Pixels of the world at zoom 0, as the map counts. */
const WORLD = 512;
/** Nearer than any feature needs it, and still no blur. */
export const MAX_ZOOM = 21;

/** Where Web Mercator ends. */
const LAST_LATITUDE = 85.05;

function east(degrees) {
  return (degrees + 180) / 360;
}

function south(degrees) {
  const kept = Math.min(Math.max(degrees, -LAST_LATITUDE), LAST_LATITUDE);
  return 0.5 - Math.asinh(Math.tan((kept * Math.PI) / 180)) / (2 * Math.PI);
}

/** An extent [west, south, east, north] in that world. */
export function box([minx, miny, maxx, maxy]) {
  return { x0: east(minx), y0: south(maxy), x1: east(maxx), y1: south(miny) };
}

/** The place of a view as the address tells it. */
export function told({ zoom, lat, lon }) {
  return { x: east(lon), y: south(lat), world: WORLD * 2 ** zoom };
}

/** The place in which an extent fills what its padding leaves of `width` and `height`. */
export function filled(extent, { width, height }, { top, right, bottom, left }) {
  const { x0, y0, x1, y1 } = box(extent);
  const fits = Math.min((width - left - right) / (x1 - x0), (height - top - bottom) / (y1 - y0));
  const world = Math.min(fits, WORLD * 2 ** MAX_ZOOM);
  return { x: (x0 + x1) / 2 + (right - left) / 2 / world, y: (y0 + y1) / 2 + (bottom - top) / 2 / world, world };
}

/** The zoom at which the world is so wide. */
export function zoomed({ world }) {
  return Math.log2(world / WORLD);
}
