"""The proxy before the app's instances: who answers, and what it had to ask twice."""

from __future__ import annotations

from dashboards.grafana.frame import Section
from dashboards.grafana.panels import chart
from dashboards.grafana.queries import of, rate
from dashboards.slo import JOB_PROXY


def section() -> Section:
    """Charts, empty where the app has one instance and no proxy."""
    servers, answers = "haproxy_server_http_responses_total", "haproxy_frontend_http_responses_total"
    return Section(
        title="Proxy",
        panels=[
            chart(
                "Quem responde",
                "Respostas por segundo de cada instância da aplicação, contadas no proxy.",
                "reqps",
                (f"sum by (server) ({rate(servers, job=JOB_PROXY)})", "{{server}}"),
                stacked=True,
                alerts=["ProxyDown"],
            ),
            chart(
                "Respostas do proxy",
                "Respostas por segundo a quem consulta, por classe do estado HTTP, também as do próprio proxy.",
                "reqps",
                (f"sum by (code) ({rate(answers, job=JOB_PROXY, proxy='app')})", "{{code}}"),
                stacked=True,
            ),
            chart(
                "Instâncias",
                "Instâncias da aplicação às quais o proxy encaminha consultas.",
                "short",
                (f"max({of('haproxy_backend_active_servers', job=JOB_PROXY)})", "ativas"),
                alerts=["CatalogInstanceDown"],
            ),
            chart(
                "Novas tentativas",
                "Consultas por segundo repetidas, ou levadas à outra instância, porque uma não respondeu.",
                "reqps",
                (f"sum({rate('haproxy_backend_retry_warnings_total', job=JOB_PROXY)})", "repetidas"),
                (f"sum({rate('haproxy_backend_redispatch_warnings_total', job=JOB_PROXY)})", "levadas à outra"),
            ),
        ],
    )
