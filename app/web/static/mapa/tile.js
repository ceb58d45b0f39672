// Vector tiles (Mapbox Vector Tile 2.1) as paths that a canvas draws.

import { PbfReader } from "./protobuf.js";

const [MOVE, LINE, CLOSE] = [1, 2, 7];
/** Geometry types of the specification; 2 are lines. */
export const [POINTS, AREAS] = [1, 3];

function value(field, found, pbf) {
  if (field === 1) found.value = pbf.readString();
  else if (field === 2) found.value = pbf.readFloat();
  else if (field === 3) found.value = pbf.readDouble();
  else if (field === 6) found.value = pbf.readSVarint();
  else if (field === 7) found.value = pbf.readBoolean();
  else found.value = pbf.readVarint(field === 4);
}

function feature(field, found, pbf) {
  if (field === 1) found.id = pbf.readVarint();
  else if (field === 2) found.tags = pbf.readPackedVarint();
  else if (field === 3) found.type = pbf.readVarint();
  else if (field === 4) found.geometry = pbf.readPackedVarint();
}

function layer(field, found, pbf) {
  if (field === 2) found.features.push(pbf.readMessage(feature, { tags: [], type: 0, geometry: [] }));
  else if (field === 3) found.keys.push(pbf.readString());
  else if (field === 4) found.values.push(pbf.readMessage(value, {}).value);
  else if (field === 5) found.extent = pbf.readVarint();
}

function signed(number) {
  return (number >>> 1) ^ -(number & 1);
}

/** The path of a geometry, and the middle of what it covers. */
function drawn(geometry, { left, top, unit }) {
  const path = new Path2D();
  let [x, y, at] = [0, 0, 0];
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
  while (at < geometry.length) {
    const command = geometry[at] & 7;
    let more = geometry[at] >> 3;
    at += 1;
    if (command === CLOSE) {
      path.closePath();
      continue;
    }
    if (command !== MOVE && command !== LINE) throw new Error(`no command ${command}`);
    for (; more > 0; more -= 1, at += 2) {
      x += signed(geometry[at]);
      y += signed(geometry[at + 1]);
      const [px, py] = [left + x * unit, top + y * unit];
      if (command === MOVE) path.moveTo(px, py);
      else path.lineTo(px, py);
      [x0, y0, x1, y1] = [Math.min(x0, px), Math.min(y0, py), Math.max(x1, px), Math.max(y1, py)];
    }
  }
  return { path, middle: [(x0 + x1) / 2, (y0 + y1) / 2] };
}

/**
 * Features of a tile's only layer, as {id, type, properties, path, middle}, for a tile whose corner lies at `left` and `top`
 * and that is `size` pixels wide. An empty answer has none.
 */
export function features(buffer, { left, top, size }) {
  const found = new PbfReader(buffer).readFields((field, all, pbf) => {
    if (field === 3) pbf.readMessage(layer, all);
  }, { features: [], keys: [], values: [], extent: 4096 });
  const place = { left, top, unit: size / found.extent };
  return found.features.map(({ id, tags, type, geometry }) => {
    const properties = {};
    for (let at = 0; at < tags.length; at += 2) properties[found.keys[tags[at]]] = found.values[tags[at + 1]];
    return { id, type, properties, ...drawn(geometry, place) };
  });
}
