"""How the platform's services are: what the app sees of them itself, and what Prometheus sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.status.models import ServiceNow
from dashboards.slo import JOB_REDIS, JOB_SENTINEL, REPLICAS, SENTINEL_QUORUM

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.models import Check, Readiness
    from app.status.models import Link
    from app.status.prometheus import Prometheus, Sample

_QUORUM = "redis_sentinel_master_ckquorum_status"
SELECTOR: Final = f'{{__name__=~"up|redis_up|redis_instance_info|{_QUORUM}"}}'
"""What is asked of Prometheus."""


@dataclass(frozen=True)
class Watched:
    """What Prometheus sees, as counts and names.

    Attributes:
        masters, replicas: Redis servers that answer, by their role.
        sentinels: Sentinels that answer, and how many there are.
        quorum: whether every Sentinel that was asked could have a new master chosen.
        up: targets that can be scraped, and how many there are.
        down: names of those that cannot.
    """

    masters: int
    replicas: int
    sentinels: tuple[int, int]
    quorum: bool
    up: tuple[int, int]
    down: tuple[str, ...]


async def watch(prometheus: Prometheus, stack: str) -> Watched:
    """Ask Prometheus about the services of a stack."""
    return seen(await prometheus.instant(SELECTOR), stack)


def seen(everything: Iterable[Sample], stack: str) -> Watched:
    """Count what concerns a stack."""
    found = [item for item in everything if item.metric.get("stack", stack) == stack]
    redis_up = {_instance(item) for item in _of(found, "redis_up", JOB_REDIS) if item.value[1] == 1}
    roles = [
        item.metric.get("role") for item in _of(found, "redis_instance_info", JOB_REDIS) if _instance(item) in redis_up
    ]
    sentinels = [item.value[1] == 1 for item in _of(found, "redis_up", JOB_SENTINEL)]
    targets = {f"{_instance(item)} ({item.metric.get('job', '')})": item.value[1] == 1 for item in _of(found, "up")}
    return Watched(
        masters=roles.count("master"),
        replicas=roles.count("slave"),
        sentinels=(sum(sentinels), len(sentinels)),
        quorum=all(item.value[1] == 1 for item in _of(found, _QUORUM)),
        up=(sum(targets.values()), len(targets)),
        down=tuple(sorted(name for name, up in targets.items() if not up)),
    )


def present(readiness: Readiness, version: str, prometheus: Link, watched: Watched | None) -> list[ServiceNow]:
    """Say how each service is."""
    told = {
        "ok": ("ok", "responde"),
        "away": ("away", "não responde"),
        "off": ("unknown", "não configurado neste ambiente"),
    }[prometheus]
    return [
        _service("api", "API do catálogo", "ok", f"responde, versão {version}"),
        _postgres(readiness.checks["postgres"]),
        _redis(readiness.checks["redis"], watched),
        _sentinel(watched),
        _service("prometheus", "Prometheus", *told),
        _scrapes(watched),
    ]


def _of(found: list[Sample], name: str, job: str | None = None) -> list[Sample]:
    return [
        item for item in found if item.metric.get("__name__") == name and (job is None or item.metric.get("job") == job)
    ]


def _instance(sample: Sample) -> str:
    return sample.metric.get("instance", "")


def _service(name: str, titulo: str, state: str, detail: str) -> ServiceNow:
    return ServiceNow.model_validate({"name": name, "titulo": titulo, "state": state, "detail": detail})


def _postgres(check: Check) -> ServiceNow:
    state, detail = ("ok", "responde à aplicação") if check.status == "ok" else ("away", "não atende a aplicação")
    return _service("postgres", "Banco de dados", state, detail)


def _redis(check: Check, watched: Watched | None) -> ServiceNow:
    titulo = "Redis (cache)"
    if check.status != "ok":
        return _service("redis", titulo, "away", "não responde à aplicação; as consultas seguem pelo banco")
    if watched is None:
        return _service("redis", titulo, "ok", "responde à aplicação; réplicas não verificadas")
    whole = watched.masters == 1 and watched.replicas >= REPLICAS
    detail = f"{_counted(watched.masters, 'principal', 'principais')}, {watched.replicas} de {REPLICAS} réplicas"
    return _service("redis", titulo, "ok" if whole else "degraded", detail)


def _sentinel(watched: Watched | None) -> ServiceNow:
    if watched is None or not watched.sentinels[1]:
        return _service("sentinel", "Sentinels", "unknown", "não verificados")
    answering, known = watched.sentinels
    if answering < SENTINEL_QUORUM or not watched.quorum:
        state, extra = "away", "sem quórum: não há troca automática do principal"
    else:
        state, extra = ("ok" if answering == known else "degraded"), "com quórum"
    return _service("sentinel", "Sentinels", state, f"{answering} de {known} respondem, {extra}")


def _scrapes(watched: Watched | None) -> ServiceNow:
    titulo = "Coleta de métricas"
    if watched is None:
        return _service("scrapes", titulo, "unknown", "não verificada")
    up, known = watched.up
    detail = f"{up} de {known} fontes respondem" + (
        f"; sem resposta: {', '.join(watched.down)}" if watched.down else ""
    )
    return _service("scrapes", titulo, "ok" if up == known > 0 else "degraded", detail)


def _counted(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}"
