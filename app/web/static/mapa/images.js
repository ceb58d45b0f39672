// Hatches and marks, drawn here: the map loads no picture from anywhere.

/** Pixels of a picture for each that it takes on the map. */
export const PIXEL_RATIO = 2;
const SIZE = 24;
const MARK = 48;

function canvas(size) {
  const made = document.createElement("canvas");
  made.width = made.height = size;
  return made.getContext("2d", { willReadFrequently: true });
}

/** The lines of a pattern in a square of the given size, as [x1, y1, x2, y2]; they meet those of the next square. */
export function strokes(pattern, size) {
  const half = size / 2;
  const up = [
    [-half, half, half, -half],
    [-half, size + half, size + half, -half],
    [half, size + half, size + half, half],
  ];
  const down = up.map(([x1, y1, x2, y2]) => [size - x1, y1, size - x2, y2]);
  const level = [
    [0, half / 2, size, half / 2],
    [0, half * 1.5, size, half * 1.5],
  ];
  return { diagonal: up, back: down, cross: [...up, ...down], horizontal: level, dots: [] }[pattern];
}

/** A square that repeats without a seam. */
export function hatch(pattern, colour) {
  const pen = canvas(SIZE);
  pen.strokeStyle = pen.fillStyle = colour;
  pen.lineWidth = 2.4;
  for (const [x1, y1, x2, y2] of strokes(pattern, SIZE)) {
    pen.beginPath();
    pen.moveTo(x1, y1);
    pen.lineTo(x2, y2);
    pen.stroke();
  }
  if (pattern === "dots") {
    for (const [x, y] of [[6, 6], [18, 18]]) {
      pen.beginPath();
      pen.arc(x, y, 3, 0, 2 * Math.PI);
      pen.fill();
    }
  }
  return pen.getImageData(0, 0, SIZE, SIZE);
}

/** Corners of a mark in a square of 1, around its middle. */
export const MARKS = {
  circle: Array.from({ length: 24 }, (_, step) => [0.36 * Math.cos((step * Math.PI) / 12), 0.36 * Math.sin((step * Math.PI) / 12)]),
  square: [[-0.32, -0.32], [0.32, -0.32], [0.32, 0.32], [-0.32, 0.32]],
  diamond: [[0, -0.42], [0.42, 0], [0, 0.42], [-0.42, 0]],
  triangle: [[0, -0.4], [0.42, 0.34], [-0.42, 0.34]],
};

/** A mark in its colour with an edge that stands out from whatever is below. */
export function mark(form, colour, edge) {
  const pen = canvas(MARK);
  pen.translate(MARK / 2, MARK / 2);
  pen.beginPath();
  for (const [x, y] of MARKS[form]) pen.lineTo(x * MARK, y * MARK);
  pen.closePath();
  pen.lineJoin = "round";
  pen.lineWidth = 6;
  pen.strokeStyle = edge;
  pen.stroke();
  pen.fillStyle = colour;
  pen.fill();
  return pen.getImageData(0, 0, MARK, MARK);
}
