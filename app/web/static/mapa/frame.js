// Where a frame takes long to draw, as without a graphics card, the frame that is there is moved with the map, and a new
// one is drawn when the map stands still. Leaflet does so with all that it draws on a canvas.

/** What takes longer is not drawn while the map moves: fewer than 25 frames a second are not smooth. */
const SLOW_MS = 40;
/** Who goes on moving it within this time does not wait for a new frame between. */
const STILL_MS = 200;
/** How much larger or smaller a frame is shown than it was drawn. */
const [SMALLEST, LARGEST] = [1 / 4, 4];
const LOOK_MS = 5;
/** No frame takes so long: whoever waits for its end goes on without. */
const MOST_MS = 10_000;

export class Frame {
  #map;
  #canvas;
  #gl;
  /** What the last frame shows: its centre, that centre's place in it, and its zoom. */
  #drawn = null;
  /** How long it took to draw, in milliseconds, and when it was done. */
  #took = 0;
  #ended = 0;
  #measured = Promise.resolve();
  #held = false;
  #still;

  constructor(map) {
    this.#map = map;
    this.#canvas = map.getCanvas();
    this.#gl = this.#canvas.getContext("webgl2");
    if (!this.#gl) return;
    // MapLibre asks the canvas where it is to tell where a mouse is on the map, which a moved canvas must not change.
    this.#canvas.getBoundingClientRect = () => map.getCanvasContainer().getBoundingClientRect();
    map.on("movestart", () => this.#hold());
    map.on("render", () => (this.#held ? this.#move() : this.#note()));
    for (const moved of ["move", "moveend"]) map.on(moved, () => this.#wait());
    map.on("resize", () => this.#release());
  }

  /** Whether an old frame stands for a new one. */
  get held() {
    return this.#held;
  }

  /** Once all that was asked of the graphics is to be seen. */
  get seen() {
    return this.#measured;
  }

  #wait() {
    clearTimeout(this.#still);
    this.#still = setTimeout(() => this.#release(), STILL_MS);
  }

  #hold() {
    if (this.#held || !this.#drawn || this.#took <= SLOW_MS) return;
    this.#held = true;
    // The map goes on with everything else: where it is, which tiles it needs, and what the address says.
    this.#map.painter.render = () => {};
  }

  #release() {
    if (!this.#held) return;
    this.#held = false;
    delete this.#map.painter.render;
    this.#map.triggerRepaint();
  }

  #move() {
    const { centre, at, zoom } = this.#drawn;
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const scale = 2 ** (this.#map.getZoom() - zoom);
    const now = this.#map.project(centre);
    const [left, top] = [now.x - scale * at.x, now.y - scale * at.y];
    const reaches = (from, size) => from <= size / 2 && from + scale * size >= size / 2;
    if (scale < SMALLEST || scale > LARGEST || !reaches(left, width) || !reaches(top, height)) this.#release();
    else this.#canvas.style.transform = `translate(${left}px, ${top}px) scale(${scale})`;
  }

  /** A new frame is there, and the old one's place is no longer its own. */
  #note() {
    const centre = this.#map.getCenter();
    this.#drawn = { centre, at: this.#map.project(centre), zoom: this.#map.getZoom() };
    this.#canvas.style.transform = "";
    this.#measured = this.#measure(this.#measured);
    // One is enough for a move that is not over; a second would be asked for before the first is done.
    if (this.#map.isMoving()) this.#hold();
  }

  /** Graphics work on after a frame was asked of them: a fence tells when it is done. */
  async #measure(before) {
    const gl = this.#gl;
    const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    gl.flush();
    const asked = performance.now();
    await before;
    const begun = Math.max(asked, this.#ended);
    const open = () => fence && !gl.isContextLost() && gl.getSyncParameter(fence, gl.SYNC_STATUS) !== gl.SIGNALED;
    while (open() && performance.now() - begun < MOST_MS) await new Promise((look) => setTimeout(look, LOOK_MS));
    gl.deleteSync(fence);
    this.#ended = performance.now();
    this.#took = this.#ended - begun;
    if (this.#map.isMoving()) this.#hold();
  }
}
