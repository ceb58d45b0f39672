"""What the routes of the status page answer; these models are the OpenAPI description."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from dashboards.slo import KPIS, State, Unit

Window = Literal["1h", "24h"]
"""How far back a chart looks."""

Link = Literal["ok", "away", "off"]
"""Prometheus answers; it does not, or not in a way that can be understood; the app was told of none."""

Point = Annotated[
    tuple[int, float],
    # As a tuple the description would need words that not every reader of it knows.
    WithJsonSchema(
        {
            "type": "array",
            "items": {"type": "number"},
            "minItems": 2,
            "maxItems": 2,
            "description": "seconds of the epoch, and the value then",
        }
    ),
]

KpiName = Annotated[str, Field(pattern="^[a-z0-9_]+$", max_length=60)]

_NOW = "2026-03-01T12:00:00+00:00"
_NOW_S = 1_772_366_400
_LINK = Field(description="whether Prometheus answers; `off`: the app was told of none. Without it nothing is known")
_KPI = KPIS[1]


class WindowParameters(BaseModel):
    """How far back to look."""

    model_config = ConfigDict(extra="forbid")

    janela: Window = Field("1h", description="the last hour or the last day", examples=["24h"])


class KpiNow(BaseModel):
    """A KPI and how it stands to its target."""

    name: str
    titulo: str = Field(description="its name in Portuguese")
    descricao: str = Field(description="what is measured, in Portuguese")
    unit: Unit = Field(description="unit of value and target: seconds, a share from 0 to 1, or features a second")
    target: float
    near: float = Field(description="beyond this the target is met, but not by much")
    better: Literal["lower", "higher"] = Field(description="`lower`: below the target; `higher`: at least the target")
    source: Literal["live", "release"] = Field(description="measured all the time, or once for the running release")
    value: float | None = Field(description="null where nothing was measured, or nobody knows")
    state: State
    at: datetime | None = Field(description="when Prometheus worked the value out")
    since: datetime | None = Field(description="since when it has this state; looks back one day at most")
    measured_at: datetime | None = Field(description="when the release's value was measured")


def _kpi_example() -> dict[str, Any]:
    return {
        "name": _KPI.name,
        "titulo": _KPI.titulo,
        "descricao": _KPI.descricao,
        "unit": _KPI.unit,
        "target": _KPI.target,
        "near": _KPI.near,
        "better": _KPI.better,
        "source": _KPI.source,
        "value": 0.012,
        "state": _KPI.state(0.012),
        "at": _NOW,
        "since": "2026-02-28T12:00:00+00:00",
        "measured_at": None,
    }


class KpiPage(BaseModel):
    """All KPIs, in the order of the design."""

    model_config = ConfigDict(json_schema_extra={"example": {"prometheus": "ok", "kpis": [_kpi_example()]}})

    prometheus: Link = _LINK
    kpis: list[KpiNow]


class Series(BaseModel):
    """A KPI over a window; where a step has no point there was no value."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "prometheus": "ok",
                "name": _KPI.name,
                "janela": "1h",
                "start": _NOW_S - 3600,
                "end": _NOW_S,
                "step": 30,
                "points": [[_NOW_S - 30, 0.011], [_NOW_S, 0.012]],
            }
        }
    )

    prometheus: Link = _LINK
    name: str
    janela: Window
    start: int = Field(description="seconds of the epoch")
    end: int
    step: int = Field(description="seconds between two points")
    points: list[Point] = Field(max_length=300)


class SeriesPage(BaseModel):
    """Every KPI over a window."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "prometheus": "ok",
                "janela": "1h",
                "start": _NOW_S - 3600,
                "end": _NOW_S,
                "step": 30,
                "series": {_KPI.name: [[_NOW_S - 30, 0.011], [_NOW_S, 0.012]]},
            }
        }
    )

    prometheus: Link = _LINK
    janela: Window
    start: int = Field(description="seconds of the epoch")
    end: int
    step: int = Field(description="seconds between two points")
    series: dict[str, list[Point]] = Field(description="points by the KPI's name")


class AlertNow(BaseModel):
    """An alert whose condition holds."""

    name: str
    severity: Literal["critical", "warning"]
    state: Literal["firing", "pending"] = Field(description="`pending`: not for long enough yet to tell anybody")
    component: str
    since: datetime
    summary: str
    description: str
    lang: Literal["pt-BR", "en"] = Field(description="language of the texts")
    runbook: str | None = Field(description="address of what to do, or its file in the repository")


class ServiceNow(BaseModel):
    """A part of the platform."""

    name: Literal["api", "postgres", "redis", "sentinel", "prometheus", "scrapes"]
    titulo: str
    state: Literal["ok", "degraded", "away", "unknown"]
    detail: str = Field(description="in Portuguese")


class Situation(BaseModel):
    """Alerts, and how the services are."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "prometheus": "ok",
                "stack": "local",
                "version": "0.1.0",
                "watched": True,
                "alerts": [
                    {
                        "name": "RedisReplicasLow",
                        "severity": "warning",
                        "state": "firing",
                        "component": "cache",
                        "since": _NOW,
                        "summary": "The Redis master has too few replicas",
                        "description": "1 of 2 replicas follow the master. Without any, it refuses writes.",
                        "lang": "en",
                        "runbook": "docs/runbooks/alerts.md#redisreplicaslow",
                    }
                ],
                "services": [
                    {"name": "postgres", "titulo": "Banco de dados", "state": "ok", "detail": "responde à aplicação"}
                ],
            }
        }
    )

    prometheus: Link = _LINK
    stack: str
    version: str
    watched: bool | None = Field(description="whether alerts are evaluated (the watchdog fires); null: not known")
    alerts: list[AlertNow] = Field(max_length=100, description="critical first, then oldest")
    services: list[ServiceNow]


class PartitionNow(BaseModel):
    """A partition of the geometries and how it grew."""

    name: str = Field(description="its year, or `default` for rows of other years")
    bytes: int
    rows: int | None
    points: list[Point] = Field(max_length=300, description="bytes over the window")


class Partitions(BaseModel):
    """The partitions, oldest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "prometheus": "ok",
                "janela": "24h",
                "start": _NOW_S - 86_400,
                "end": _NOW_S,
                "planned_bytes": 4_718_592,
                "items": [
                    {"name": "2026", "bytes": 3_198_156, "rows": 413, "points": [[_NOW_S, 3_198_156.0]]},
                ],
            }
        }
    )

    prometheus: Link = _LINK
    janela: Window
    start: int = Field(description="seconds of the epoch")
    end: int
    planned_bytes: float | None = Field(description="what the boldest capacity plan allows for the year's end")
    items: list[PartitionNow] = Field(max_length=100)
