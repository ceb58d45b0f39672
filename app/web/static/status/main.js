// Asks every few seconds while somebody looks, and says how old what is shown is.

import { text } from "./dom.js";
import { ago, clock } from "./format.js";
import * as kpis from "./kpis.js";
import * as partitions from "./partitions.js";
import * as situation from "./situation.js";

const EVERY_MS = 15_000;
/** After a failure sooner: it may be over in a moment. */
const AGAIN_MS = 5_000;
const PATIENCE_MS = 8_000;

const updated = document.getElementById("updated");
const trouble = document.getElementById("trouble");
const choices = document.querySelector(".window");

let answered = null;
let timer;
let asked = 0;

async function ask(path) {
  const answer = await fetch(path, { signal: AbortSignal.timeout(PATIENCE_MS) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

function chosen() {
  return choices.querySelector(":checked").value;
}

async function refresh() {
  clearTimeout(timer);
  const mine = ++asked;
  const janela = chosen();
  let wait = EVERY_MS;
  try {
    const [now, found, series, sizes] = await Promise.all(
      ["/v1/kpis", "/v1/situacao", `/v1/kpis/series?janela=${janela}`, `/v1/situacao/particoes?janela=${janela}`].map(ask),
    );
    if (mine !== asked) return; // another question, asked later, is under way
    answered = new Date();
    kpis.show(now.kpis, series, answered);
    situation.show(found, now.kpis, answered);
    partitions.show(sizes, series.step);
    if ([now, found, series].some((page) => page.prometheus === "away")) wait = AGAIN_MS;
    told(false);
  } catch (error) {
    if (mine !== asked) return;
    console.info("not refreshed:", error.message);
    wait = AGAIN_MS;
    told(true);
  }
  if (!document.hidden) timer = setTimeout(refresh, wait);
}

/** What could not be refreshed is no longer shown as if it were of now. */
function told(failed) {
  document.body.classList.toggle("stale", failed);
  trouble.hidden = !failed;
  const last = answered ? `Os números abaixo são das ${clock(answered)}.` : "Ainda não há números para mostrar.";
  text(trouble, failed ? `Não foi possível atualizar: o catálogo não responde. ${last} Nova tentativa a cada 5 segundos.` : "");
  age();
}

function age() {
  if (answered) text(updated, `atualizado ${ago(answered)}`);
  else text(updated, document.body.classList.contains("stale") ? "sem resposta" : "carregando…");
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) clearTimeout(timer);
  else refresh();
});
choices.addEventListener("change", refresh);
setInterval(age, 1000);
refresh();
