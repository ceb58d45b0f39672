// Where a view lies: its middle in a world whose sides are 1 (Web Mercator, y downwards), and how many pixels wide that world is.

/** Pixels of the world at zoom 0, as the map counts. */
const WORLD = 512;
/** Nearer than any feature needs it, and still no blur. */
export const MAX_ZOOM = 21;

function east(degrees) {
  return (degrees + 180) / 360;
}

function south(degrees) {
  return 0.5 - Math.asinh(Math.tan((degrees * Math.PI) / 180)) / (2 * Math.PI);
}

/** The place of a view as the address tells it. */
export function told({ zoom, lat, lon }) {
  return { x: east(lon), y: south(lat), world: WORLD * 2 ** zoom };
}

/** The place in which an extent [west, south, east, north] fills what its padding leaves of `width` and `height`. */
export function filled([minx, miny, maxx, maxy], { width, height }, { top, right, bottom, left }) {
  const [x0, x1, y0, y1] = [east(minx), east(maxx), south(maxy), south(miny)];
  const fits = Math.min((width - left - right) / (x1 - x0), (height - top - bottom) / (y1 - y0));
  const world = Math.min(fits, WORLD * 2 ** MAX_ZOOM);
  return { x: (x0 + x1) / 2 + (right - left) / 2 / world, y: (y0 + y1) / 2 + (bottom - top) / 2 / world, world };
}

/** The zoom at which the world is so wide. */
export function zoomed({ world }) {
  return Math.log2(world / WORLD);
}
