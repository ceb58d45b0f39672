// Questions to the service, each with an end.

const PATIENCE_MS = 10_000;

/** An answer that is no success; `status` 0 says that there was none. */
export class Refused extends Error {
  constructor(path, status) {
    super(`${path}: ${status || "sem resposta"}`);
    this.status = status;
  }
}

async function answered(path, signal, cache = "default") {
  const limit = AbortSignal.timeout(PATIENCE_MS);
  let answer;
  try {
    answer = await fetch(path, { cache, signal: signal ? AbortSignal.any([signal, limit]) : limit });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Refused(path, 0);
  }
  if (!answer.ok) throw new Refused(path, answer.status);
  return answer;
}

/** The JSON at a path; `signal` ends the question early (an AbortError). */
export async function ask(path, signal) {
  return (await answered(path, signal)).json();
}

/** The bytes at a path; none where it has nothing. */
export async function askBytes(path) {
  return (await answered(path)).arrayBuffer();
}

/** The JSON at a path, and whether it may be old because the database is away. */
export async function askStale(path) {
  // A browser that is told "as before" keeps the headers of before, and the mark would never go.
  const answer = await answered(path, null, "no-store");
  return [await answer.json(), answer.headers.has("x-cache-stale")];
}

/** Whether an error only says that somebody asked something newer. */
export function overtaken(error) {
  return error.name === "AbortError";
}

/** The path with the parameters that have a value. */
export function path(base, parameters) {
  const given = Object.entries(parameters).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return given.length ? `${base}?${new URLSearchParams(given)}` : base;
}
