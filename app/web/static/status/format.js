// Numbers and times as people in Brazil read them.

const LOCALE = "pt-BR";
const NBSP = "\u00a0";
const MORE_DIGITS = 8;

export const STATES = {
  met: "Dentro da meta",
  near: "Perto do limite",
  missed: "Meta não cumprida",
  unknown: "Sem dados",
};

function number(value, digits) {
  // From a thousand on, what stands before the comma is shown in full.
  const options =
    Math.abs(value) >= 1000
      ? { maximumFractionDigits: Math.max(digits - 4, 0) }
      : { maximumSignificantDigits: digits };
  return new Intl.NumberFormat(LOCALE, options).format(value);
}

/** Factor and name of the unit that a value of `unit` is shown in; `like` is the value that decides. */
function scale(unit, like) {
  if (unit === "ratio") return [100, "%"];
  if (unit === "s") return Math.abs(like) < 1 ? [1000, "ms"] : [1, "s"];
  return [1, "feições/s"];
}

/** A value with its unit, such as "12,3 ms", "99,1 %", "212 feições/s". */
export function quantity(value, unit, { digits = 3, like = value } = {}) {
  const [factor, name] = scale(unit, like);
  return `${number(value * factor, digits)}${NBSP}${name}`;
}

function meets(value, kpi) {
  return kpi.better === "lower" ? value < kpi.target : value >= kpi.target;
}

/** A KPI's value; as many digits as it takes to stay on its side of the target: 99,97 % are not 100 %. */
export function value(kpi) {
  if (kpi.value === null) return "—";
  let digits = 3;
  const [factor] = scale(kpi.unit, kpi.value);
  const rounded = () => Number((kpi.value * factor).toPrecision(digits)) / factor;
  while (digits < MORE_DIGITS && meets(rounded(), kpi) !== meets(kpi.value, kpi)) digits += 1;
  return quantity(kpi.value, kpi.unit, { digits });
}

/** "menor que 500 ms", "pelo menos 90 %". */
export function target(kpi) {
  return `${kpi.better === "lower" ? "menor que" : "pelo menos"} ${quantity(kpi.target, kpi.unit, { digits: 4 })}`;
}

export function count(value) {
  return value === null ? "—" : new Intl.NumberFormat(LOCALE).format(value);
}

const SIZES = [
  [1e12, "TB"],
  [1e9, "GB"],
  [1e6, "MB"],
  [1e3, "kB"],
];

/** "3,2 MB"; with `sign`, "+12 kB". */
export function bytes(value, { sign = false } = {}) {
  const [size, name] = SIZES.find(([least]) => Math.abs(value) >= least) ?? [1, "B"];
  const options = { maximumSignificantDigits: 3, signDisplay: sign ? "exceptZero" : "auto" };
  return `${new Intl.NumberFormat(LOCALE, options).format(value / size)}${NBSP}${name}`;
}

const CLOCK = new Intl.DateTimeFormat(LOCALE, { hour: "2-digit", minute: "2-digit" });
const DAY_CLOCK = new Intl.DateTimeFormat(LOCALE, { day: "2-digit", month: "2-digit", hour: "2-digit", minute: "2-digit" });
const DATE = new Intl.DateTimeFormat(LOCALE, { dateStyle: "long" });

export function clock(date) {
  return CLOCK.format(date);
}

/** The time alone for today, else with the day. */
export function moment(date, now = new Date()) {
  return date.toDateString() === now.toDateString() ? CLOCK.format(date) : DAY_CLOCK.format(date);
}

export function day(date) {
  return DATE.format(date);
}

/** "há 12 s", "há 5 min", "há 3 h", "há 2 dias". */
export function ago(date, now = new Date()) {
  const seconds = Math.max(0, Math.round((now - date) / 1000));
  if (seconds < 90) return `há ${seconds}${NBSP}s`;
  if (seconds < 90 * 60) return `há ${Math.round(seconds / 60)}${NBSP}min`;
  if (seconds < 36 * 3600) return `há ${Math.round(seconds / 3600)}${NBSP}h`;
  return `há ${Math.round(seconds / 86400)}${NBSP}dias`;
}

/** "1 alerta", "2 alertas". */
export function counted(number, one, more) {
  return `${count(number)} ${number === 1 ? one : more}`;
}
