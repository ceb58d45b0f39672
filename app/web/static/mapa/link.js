// What an address says of a view, so that it can be sent to a colleague: #f=7&v=14.25/-17.37712/-43.94406&c=cercas,mata

const VIEW = /^(-?\d+(?:\.\d+)?)\/(-?\d+(?:\.\d+)?)\/(-?\d+(?:\.\d+)?)$/;
const NAME = /^[\w.-]{1,100}$/;
const MOST_NAMES = 200;

function view(text) {
  const found = VIEW.exec(text ?? "");
  if (!found) return null;
  const [zoom, lat, lon] = found.slice(1).map(Number);
  return zoom >= 0 && zoom <= 24 && Math.abs(lat) <= 85 && Math.abs(lon) <= 180 ? { zoom, lat, lon } : null;
}

/** Feature, view and hidden layers of an address; what makes no sense is left out. */
export function read(hash) {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const feature = /^\d{1,16}$/.test(given.get("f") ?? "") ? Number(given.get("f")) : 0;
  return {
    feature: Number.isSafeInteger(feature) && feature > 0 ? feature : null,
    view: view(given.get("v")),
    hidden: (given.get("c") ?? "").split(",").filter((name) => NAME.test(name)).slice(0, MOST_NAMES),
  };
}

/** The same as an address's last part. */
export function write({ feature, view: at, hidden }) {
  const parts = [];
  if (feature) parts.push(`f=${feature}`);
  if (at) parts.push(`v=${at.zoom.toFixed(2)}/${at.lat.toFixed(5)}/${at.lon.toFixed(5)}`);
  if (hidden.length) parts.push(`c=${[...hidden].sort().join(",")}`);
  return parts.length ? `#${parts.join("&")}` : "";
}
