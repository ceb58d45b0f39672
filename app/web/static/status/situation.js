// Alerts, services, and the sentence at the top that says it all.

import { attribute, badge, h, keyed, text } from "./dom.js";
import { ago, counted, moment } from "./format.js";

const SERVICES = {
  ok: ["met", "Em ordem"],
  degraded: ["near", "Com restrições"],
  away: ["missed", "Fora do ar"],
  unknown: ["unknown", "Sem dados"],
};
const SEVERITIES = { critical: ["missed", "Crítico"], warning: ["near", "Atenção"] };

function runbook(alert) {
  if (!alert.runbook) return [];
  // Only the web is linked: an address comes from a configuration, and may be a file of the project.
  const linked = /^https?:\/\//.test(alert.runbook);
  const where = linked ? h("a", { href: alert.runbook, rel: "noreferrer" }, "O que fazer") : h("code", {}, alert.runbook);
  return [h("p", { class: "runbook" }, ...(linked ? [where] : ["O que fazer: ", where]))];
}

function alertMade(alert) {
  return h(
    "li",
    { class: "alert" },
    h("div", { class: "row" }, h("h3", { lang: alert.lang }, alert.summary || alert.name), h("p", { class: "state" })),
    h("p", { class: "about", lang: alert.lang }),
    h("p", { class: "since" }),
    ...runbook(alert),
  );
}

function alertChanged(node, alert, now) {
  const [state, words] = SEVERITIES[alert.severity];
  const pending = alert.state === "pending";
  attribute(node, "data-state", pending ? "unknown" : state);
  badge(node.querySelector(".state"), pending ? "unknown" : state, pending ? `${words}, em observação` : words);
  text(node.querySelector(".about"), alert.description);
  const since = new Date(alert.since);
  text(node.querySelector(".since"), `${alert.name} · desde ${moment(since, now)} (${ago(since, now)})`);
}

function alerts(found, now) {
  const none = document.getElementById("no-alerts");
  none.hidden = found.alerts.length > 0 && found.watched !== false;
  const words = {
    true: "Nenhum alerta ativo.",
    false: "Atenção: as regras de alerta não estão sendo avaliadas.",
    null: "Não se sabe: sem o Prometheus nenhum alerta é avaliado.",
  };
  text(none, words[found.watched]);
  const key = (alert) => `${alert.name} ${alert.since} ${alert.description.length} ${alert.summary}`;
  const change = (node, alert) => alertChanged(node, alert, now);
  keyed(document.getElementById("alerts"), found.alerts, key, alertMade, change);
}

function services(found) {
  const make = (service) =>
    h("li", { class: "service" }, h("h3", {}, service.titulo), h("p", { class: "state" }), h("p", { class: "about" }));
  const change = (node, service) => {
    const [state, words] = SERVICES[service.state];
    attribute(node, "data-state", state);
    badge(node.querySelector(".state"), state, words);
    text(node.querySelector(".about"), service.detail);
  };
  keyed(document.getElementById("services"), found.services, (service) => service.name, make, change);
}

/** State and sentence for the whole platform. */
export function verdict(found, kpis) {
  if (found.prometheus === "off") {
    return ["unknown", "O Prometheus não está configurado neste ambiente: não há números para mostrar."];
  }
  if (found.prometheus === "away") {
    return [
      "unknown",
      "Prometheus não responde: não há números atuais. O que se vê em Serviços é o que o próprio catálogo sabe.",
    ];
  }
  const missed = kpis.filter((kpi) => kpi.state === "missed").length;
  const near = kpis.filter((kpi) => kpi.state === "near").length;
  const known = kpis.filter((kpi) => kpi.state !== "unknown").length;
  const firing = found.alerts.filter((alert) => alert.state === "firing");
  const away = found.services.filter((service) => service.state === "away");
  const told = [];
  if (missed) told.push(counted(missed, "meta não cumprida", "metas não cumpridas"));
  if (firing.length) told.push(counted(firing.length, "alerta ativo", "alertas ativos"));
  if (away.length) told.push(`fora do ar: ${away.map((service) => service.titulo).join(", ")}`);
  const critical = firing.some((alert) => alert.severity === "critical");
  if (told.length) return [missed || critical || away.length ? "missed" : "near", `${told.join(" · ")}.`];
  if (!known) return ["unknown", "Ainda não há medidas: o Prometheus responde, mas não calculou nenhuma meta."];
  const all = `${counted(known, "meta medida, dentro do combinado", "metas medidas, todas dentro do combinado")}`;
  if (near) return ["near", `${all}; ${counted(near, "perto do limite", "perto do limite")}.`];
  return ["met", `Tudo em ordem: ${all}.`];
}

/** Shows /v1/situacao, and what it means together with the KPIs. */
export function show(found, kpis, now) {
  const [state, words] = verdict(found, kpis);
  const banner = document.getElementById("verdict");
  banner.hidden = false;
  badge(banner, state, words);
  document.title = `${{ met: "✓", near: "!", missed: "✕", unknown: "?" }[state]} Situação · Mundo Virtual`;
  text(document.getElementById("stack"), `Ambiente ${found.stack}, versão ${found.version} ·`);
  alerts(found, now);
  services(found);
}
