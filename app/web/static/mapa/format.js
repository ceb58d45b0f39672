// Areas, lengths and times as people in Brazil read them.

const LOCALE = "pt-BR";
const NBSP = "\u00a0";
const WHEN = new Intl.DateTimeFormat(LOCALE, { dateStyle: "short", timeStyle: "short" });

function decimals(value, digits) {
  return new Intl.NumberFormat(LOCALE, { maximumFractionDigits: digits, minimumFractionDigits: digits }).format(value);
}

/** "7.729,26 ha"; what is less than a hundredth of a hectare in square metres. */
export function area(squareMetres) {
  const hectares = squareMetres / 10_000;
  return hectares < 0.01 ? `${decimals(squareMetres, 1)}${NBSP}m²` : `${decimals(hectares, 2)}${NBSP}ha`;
}

/** "12,345 km". */
export function length(metres) {
  return `${decimals(metres / 1000, 3)}${NBSP}km`;
}

export function when(text) {
  return text ? WHEN.format(new Date(text)) : null;
}
