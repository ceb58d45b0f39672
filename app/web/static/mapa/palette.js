// How each category is drawn: a colour for light and one for dark, and beside it a form, so that nobody needs the colour
// alone to tell two categories apart. Colours follow Okabe and Ito's set, which holds for colour-blind eyes.

/**
 * kind: `area` filled, `outline` only its edge, `line` a line, `pattern` hatched over what lies below, `place` filled and with a mark
 * while it is too small to be seen, `ground` the farm itself.
 */
const KNOWN = {
  perimetro: { name: "Perímetro", kind: "ground", light: "#23301f", dark: "#e9ede4", width: 2.6, dashed: true },
  cercas: { kind: "outline", light: "#8a5a2b", dark: "#d9a066", width: 1.1 },
  mata: { kind: "area", light: "#1f8a55", dark: "#4fbf83" },
  rl: { name: "Reserva legal", kind: "pattern", pattern: "diagonal", light: "#0b4f3a", dark: "#a6ecca" },
  area: { name: "Área", kind: "pattern", pattern: "back", light: "#6a51a3", dark: "#bfaef2" },
  brejo: { kind: "pattern", pattern: "horizontal", light: "#0f7c8a", dark: "#63d2de" },
  lagoa: { kind: "area", light: "#0072b2", dark: "#56b4e9" },
  corrego: { name: "Córrego", kind: "area", light: "#2380c2", dark: "#7cc7f2", width: 2 },
  pivo: { name: "Pivô", kind: "area", light: "#d18f00", dark: "#f5c04d" },
  confinamento: { kind: "pattern", pattern: "cross", light: "#a6447f", dark: "#e39cc7" },
  curral: { kind: "place", mark: "diamond", light: "#a6447f", dark: "#f0b3d6" },
  poco: { name: "Poço", kind: "place", mark: "circle", light: "#00468c", dark: "#9cc9ff" },
  casa: { kind: "place", mark: "square", light: "#c65300", dark: "#ff9a57" },
  sede: { kind: "place", mark: "triangle", light: "#b3261e", dark: "#ff8d82" },
  escritorio: { name: "Escritório", kind: "place", mark: "triangle", light: "#6a51a3", dark: "#bfaef2" },
  fabrica: { name: "Fábrica", kind: "place", mark: "square", light: "#4d4d4d", dark: "#d0d0d0" },
  ferrovia: { kind: "line", light: "#333333", dark: "#dddddd", width: 2.2, dashed: true },
  estradas: { kind: "line", light: "#6b6b6b", dark: "#c9c9c9", width: 2 },
  pista: { kind: "area", light: "#7a7a7a", dark: "#b0b0b0" },
  aerodromo: { name: "Aeródromo", kind: "pattern", pattern: "diagonal", light: "#5b6472", dark: "#b6c0cf" },
};

const COLOURS = [
  ["#0072b2", "#56b4e9"],
  ["#c65300", "#ff9a57"],
  ["#1f8a55", "#4fbf83"],
  ["#a6447f", "#e39cc7"],
  ["#d18f00", "#f5c04d"],
  ["#0f7c8a", "#63d2de"],
  ["#6a51a3", "#bfaef2"],
  ["#5b6472", "#b6c0cf"],
];
const PATTERNS = [null, "diagonal", "dots", "back", "horizontal", "cross"];

/** The same number for the same name, everywhere and always. */
function number(name) {
  let sum = 7;
  for (const character of name) sum = (sum * 31 + character.codePointAt(0)) % 1_000_003;
  return sum;
}

function made(id) {
  const [light, dark] = COLOURS[number(id) % COLOURS.length];
  const pattern = PATTERNS[Math.floor(number(id) / COLOURS.length) % PATTERNS.length];
  return { kind: pattern ? "pattern" : "area", pattern, light, dark };
}

/** How a category is drawn: {kind, colour, pattern, mark, width, dashed}. */
export function look(id, dark) {
  const found = Object.hasOwn(KNOWN, id) ? KNOWN[id] : made(id);
  return { width: 1.3, dashed: false, pattern: null, mark: null, ...found, colour: dark ? found.dark : found.light };
}

/** A category's name: files write them without accents, people do not. */
export function called({ id, nome }) {
  return (Object.hasOwn(KNOWN, id) && KNOWN[id].name) || nome;
}

/** Colours of what is no category. */
export function ground(dark) {
  return dark
    ? { sheet: "#12170f", farm: "#1c2318", ink: "#f2f5ee", halo: "#12170f", pick: "#ffd54f", casing: "#000000" }
    : { sheet: "#eceadd", farm: "#fbfaf5", ink: "#1a2417", halo: "#fffef8", pick: "#c2185b", casing: "#ffffff" };
}
