"""The proxy before the app's instances: HAProxy, which publishes the app's port."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from components.proxy_config import render_haproxy_cfg
from components.service import HealthCheck, Port, Service

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.context import StackContext

NAME: Final = "proxy"
HOST_NUMBER: Final = 35
PORT: Final = 8000
METRICS_PORT: Final = 8405
USER: Final = 995

METRICS: Final = (
    "haproxy_(frontend_http_responses_total|server_http_responses_total"
    "|backend_(active_servers|redispatch_warnings_total|retry_warnings_total))"
)
"""Those that say who answers and who does not: the exporter has some hundreds."""

_MEMORY_MB: Final = 128
_MARGIN_SECONDS: Final = 15
"""What a client that is too slow gets later from the proxy than from the app, whose refusal says why."""

_LAST_SECONDS: Final = 5
"""For the requests under way when the proxy ends: its successor cannot have the port before, so it is short."""


def service(context: StackContext, servers: Mapping[str, str]) -> Service:
    """The proxy before `servers` (instance → `ip:port`)."""
    settings = context.settings
    conf = render_haproxy_cfg(
        servers,
        port=PORT,
        metrics_port=METRICS_PORT,
        silence_s=settings.imports.stall_timeout_seconds + _MARGIN_SECONDS,
        answer_s=settings.imports.upload_timeout_seconds + _MARGIN_SECONDS,
        last_s=_LAST_SECONDS,
    )
    return Service(
        name=NAME,
        component="catalog",
        image="haproxy",
        user=USER,
        host_number=HOST_NUMBER,
        config={"haproxy.cfg": conf},
        ports=(Port(container=PORT, host=settings.ports.app),),
        health=HealthCheck(command=("healthcheck.sh",), interval=5, timeout=4, retries=3),
        memory_mb=_MEMORY_MB,
        cpus=1.0,
        stop_signal="SIGUSR1",
        stop_seconds=2 * _LAST_SECONDS,
    )
