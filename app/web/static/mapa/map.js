// The map itself: MapLibre over the service's own tiles, with what a keyboard needs.

import { attribute } from "../status/dom.js";
import { Frame } from "./frame.js";
import { Map as MapView, ScaleControl } from "./library.js";
import { PIXEL_RATIO, hatch, mark } from "./images.js";
import { ground, look } from "./palette.js";
import { MAX_ZOOM } from "./place.js";
import { room } from "./sheet.js";
import { SOURCE, filters, named, picking, style } from "./style.js";

const NEAR_PX = 5;
const CLOSEST_ZOOM = 17.5;
const LOCALE = {
  "Map.Title": "Mapa da fazenda: setas movem, + e − aproximam e afastam, Enter abre o que está no centro",
  "ScaleControl.Meters": "m",
  "ScaleControl.Kilometers": "km",
};

export class Farm {
  #map;
  #overview;
  #hidden;
  #dark;
  #hovered = null;
  #events;
  #frame;
  /** How often it became busy. */
  #begun = 0;
  #failed = false;
  /** Tiles that did not come. */
  #lost = [];

  /**
   * `view` is {zoom, lat, lon} or null for all of `overview`. `events`: `moves()` and `moved()`, `pick(feature)`,
   * `failed()` when tiles do not come, `arrived()` when all are there.
   */
  constructor(container, { overview, hidden, dark, view, events }) {
    this.#overview = overview;
    this.#hidden = hidden;
    this.#dark = dark;
    this.#events = events;
    this.#map = new MapView({
      container,
      style: style(overview, hidden, dark),
      locale: LOCALE,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      maxZoom: MAX_ZOOM,
      ...(view ? { center: [view.lon, view.lat], zoom: view.zoom } : {}),
      ...(!view && overview.extensao ? { bounds: overview.extensao, fitBoundsOptions: { padding: room(container) } } : {}),
    });
    this.#map.touchZoomRotate.disableRotation();
    this.#map.keyboard.disableRotation();
    this.#map.addControl(new ScaleControl({ maxWidth: 120 }), "bottom-right");
    this.#frame = new Frame(this.#map);
    this.#listen();
  }

  #listen() {
    const map = this.#map;
    map.on("style.load", () => this.#pictures());
    map.on("moveend", () => this.#events.moved());
    map.on("click", (event) => this.#pickAt(event.point));
    map.on("mousemove", (event) => map.isMoving() || this.#hover(event.point));
    map.on("mouseout", () => this.#hover(null));
    map.on("error", ({ error, tile }) => {
      console.info("map:", error?.message);
      this.#failed = true;
      if (tile) this.#lost.push(tile.tileID.canonical);
      this.#events.failed();
    });
    map.on("dataloading", () => this.#busy(true));
    map.on("movestart", () => {
      this.#busy(true);
      this.#events.moves();
    });
    map.on("idle", () => this.#rest());
    const canvas = map.getCanvas();
    canvas.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      this.#pickAt(map.project(map.getCenter()));
    });
  }

  /** Everything was asked of the graphics: waits until it is to be seen. */
  async #rest() {
    const begun = this.#begun;
    await this.#frame.seen;
    if (begun !== this.#begun || this.#frame.held) return;
    this.#busy(false);
    if (!this.#failed) this.#events.arrived();
  }

  #busy(now) {
    if (now) this.#begun += 1;
    attribute(this.#map.getContainer(), "aria-busy", now);
  }

  /** Changes something that is drawn; once that is done the map is no longer busy. */
  #change(change) {
    const now = () => {
      this.#busy(true);
      change();
      this.#map.triggerRepaint();
    };
    if (this.#map.style?._loaded) now();
    else this.#map.once("style.load", now);
  }

  /** Hatches and marks of the categories; those that are there already stay. */
  #pictures() {
    const names = named(this.#dark);
    const { halo } = ground(this.#dark);
    const add = (name, make) => {
      if (!this.#map.hasImage(name)) this.#map.addImage(name, make(), { pixelRatio: PIXEL_RATIO });
    };
    for (const { id } of this.#overview.categorias) {
      const { pattern, colour, mark: form } = look(id, this.#dark);
      if (pattern) add(names.hatch(id), () => hatch(pattern, colour));
      if (form) add(names.mark(id), () => mark(form, colour, halo));
    }
  }

  /** What is at a point: what is small or narrow first, then the smallest area. */
  #at({ x, y }) {
    const map = this.#map;
    if (!map.isStyleLoaded()) return null;
    const near = [
      [x - NEAR_PX, y - NEAR_PX],
      [x + NEAR_PX, y + NEAR_PX],
    ];
    const [small] = map.queryRenderedFeatures(near, { layers: ["points", "marks"] });
    if (small) return small;
    const lines = map.queryRenderedFeatures(near, { layers: ["edges", "dashes"] });
    const line = lines.find((feature) => feature.geometry.type.endsWith("LineString"));
    if (line) return line;
    const areas = map.queryRenderedFeatures([x, y], { layers: ["areas"] });
    return areas.sort((one, other) => one.properties.area_m2 - other.properties.area_m2)[0] ?? null;
  }

  #pickAt(point) {
    const found = this.#at(point);
    this.#events.pick(found ? { id: found.id, ...found.properties } : null);
  }

  #hover(point) {
    const found = point ? (this.#at(point)?.id ?? null) : null;
    if (found === this.#hovered) return;
    const target = (id) => ({ source: SOURCE, sourceLayer: "feicoes", id });
    if (this.#hovered !== null) this.#map.removeFeatureState(target(this.#hovered), "hover");
    if (found !== null) this.#map.setFeatureState(target(found), { hover: true });
    this.#hovered = found;
    this.#map.getCanvas().classList.toggle("over", found !== null);
  }

  /** {zoom, lat, lon} of what is seen. */
  get view() {
    const { lng, lat } = this.#map.getCenter();
    return { zoom: this.#map.getZoom(), lat, lon: lng };
  }

  goto({ zoom, lat, lon }) {
    this.#change(() => this.#map.jumpTo({ zoom, center: [lon, lat] }));
  }

  /** Shows [west, south, east, north]; it flies unless somebody prefers less motion. */
  show([west, south, east, north]) {
    const bounds = [
      [west, south],
      [east, north],
    ];
    const padding = room(this.#map.getContainer());
    this.#change(() => this.#map.fitBounds(bounds, { padding, maxZoom: CLOSEST_ZOOM, duration: 900 }));
  }

  zoom(by) {
    if (by > 0) this.#map.zoomIn();
    else this.#map.zoomOut();
  }

  /** Marks a feature, or none (null). */
  pick(feature) {
    this.#change(() => {
      for (const [layer, filter] of Object.entries(picking(feature))) this.#map.setFilter(layer, filter);
    });
  }

  /** Hides these categories, and shows the others. */
  hide(hidden) {
    this.#hidden = hidden;
    this.#change(() => {
      const wanted = filters(this.#overview.categorias, hidden, this.#dark);
      for (const [layer, filter] of Object.entries(wanted)) this.#map.setFilter(layer, filter);
    });
  }

  /** Takes colours, or what /v1/mapa says now; tiles are asked for again only where `fresh`. */
  update({ overview = this.#overview, dark = this.#dark, picked = null, fresh = false }) {
    this.#overview = overview;
    this.#dark = dark;
    this.#change(() => {
      this.#pictures();
      this.#map.setStyle(style(overview, this.#hidden, dark), { diff: true });
      this.pick(picked);
      if (fresh) this.#reload();
    });
  }

  /** Asks again for the tiles that did not come. */
  retry() {
    this.#failed = false;
    this.#map.refreshTiles(SOURCE, this.#lost.splice(0));
    this.#map.triggerRepaint();
  }

  /** Asks for every tile again; what is seen stays until they are there. */
  #reload() {
    // By name first: in a refresh of all, MapLibre takes one that failed for one that is under way, and waits.
    this.retry();
    this.#map.refreshTiles(SOURCE);
  }
}
