"""The configuration file of the proxy before the app's instances, as text."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_KEEP_ALIVE_S: Final = 25
"""How long a client's connection may be idle: less than the app keeps one, so that it is never the app that ends it."""

_REFUSALS: Final = {
    HTTPStatus.BAD_REQUEST: "this is no HTTP request that can be passed on",
    HTTPStatus.REQUEST_TIMEOUT: "the request did not come in time",
    HTTPStatus.INTERNAL_SERVER_ERROR: "the proxy failed",
    HTTPStatus.BAD_GATEWAY: "the service broke off its answer; try again",
    HTTPStatus.SERVICE_UNAVAILABLE: "no instance of the service takes requests now; try again",
    HTTPStatus.GATEWAY_TIMEOUT: "the service did not answer in time",
}
"""What the proxy answers by itself, and why."""

_ALWAYS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}
_RETRY: Final = {"Retry-After": "1"}


def render_haproxy_cfg(
    servers: Mapping[str, str], *, port: int, metrics_port: int, silence_s: int, answer_s: int, last_s: int
) -> str:
    """Return haproxy.cfg.

    Args:
        servers: instance → its `ip:port`; uploads go to the first as long as it answers, all else to the least busy.
        port: where clients come.
        metrics_port: where Prometheus and the health check come.
        silence_s: seconds that a client may be silent in the middle of an upload or an answer.
        answer_s: seconds that an instance may take for the beginning of an answer.
        last_s: seconds that requests under way have when the proxy itself ends.
    """
    first = next(iter(servers))
    instances = "\n".join(f"    server {name} {address}" for name, address in servers.items())
    refusals = "\n".join(f"    {_refusal(status, why)}" for status, why in _REFUSALS.items())
    return f"""\
global
    log stdout format raw local0 info
    maxconn 1000
    # Room for a filter of the map's standards in an address, percent-encoded.
    tune.bufsize 32768
    hard-stop-after {last_s}s

defaults
    mode http
    log global
    option httplog
    option dontlognull
    option http-ignore-probes
    # The app writes down what is asked; here only what went wrong is of interest.
    option dontlog-normal
    timeout connect 1s
    timeout client {silence_s}s
    timeout server {answer_s}s
    # A whole head within this, however slowly it comes: bodies are passed on as they come.
    timeout http-request 10s
    timeout http-keep-alive {_KEEP_ALIVE_S}s
    timeout queue 5s
    timeout check 5s
    # One who cannot be reached, or who ends a kept connection just then, is no reason to fail: another is asked.
    retries 3
    option redispatch 1
    retry-on conn-failure empty-response
{refusals}

frontend app
    bind :{port}
    default_backend app

backend app
    balance leastconn
    # What changes something is sent once, come what may.
    http-request disable-l7-retry unless METH_GET
    acl uploads path /v1/importacoes
    use-server {first} if METH_POST uploads
    option httpchk
    http-check send meth GET uri /health/live ver HTTP/1.1 hdr Host proxy
    http-check expect status 200
    default-server check inter 500ms fastinter 200ms fall 2 rise 2
{instances}

frontend metrics
    bind :{metrics_port}
    option dontlog-normal
    monitor-uri /health
    http-request use-service prometheus-exporter if {{ path /metrics }}
    http-request deny deny_status 404
"""


def _refusal(status: HTTPStatus, why: str) -> str:
    """The line that makes an answer of the proxy a problem (RFC 9457), as those of the app are."""
    body = json.dumps({"type": "about:blank", "title": status.phrase, "status": status.value, "detail": why})
    headers = _ALWAYS | (_RETRY if status is HTTPStatus.SERVICE_UNAVAILABLE else {})
    shown = " ".join(f'hdr {name} "{value}"' for name, value in headers.items())
    return f"http-error status {status.value} content-type application/problem+json string '{body}' {shown}"
