"""The KPIs over time, alerts and services: what the status page shows, for whoever asks."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from app.api.common import Nothing, Responses, UseServices, problems
from app.errors import ServiceError
from app.serial import json_response
from app.status.models import (
    KpiName,
    KpiPage,
    Partitions,
    Series,
    SeriesPage,
    Situation,
    WindowParameters,
)
from dashboards.slo import KPIS

router = APIRouter(prefix="/v1", tags=["kpis"])

_BY_NAME = {kpi.name: kpi for kpi in KPIS}
_REFUSED: Responses = problems(404)
_REFUSED[404]["description"] = "there is no such KPI"

Over = Annotated[WindowParameters, Query()]
Name = Annotated[KpiName, Path(description="the KPI's name", examples=["latency_p95"])]


class UnknownKpiError(ServiceError):
    """There is no such KPI."""

    status = 404


@router.get("/kpis", response_model=KpiPage, responses=problems(422), summary="Every KPI now")
async def get_kpis(_: Nothing, services: UseServices) -> Response:
    """Return each KPI's value, target and state; without Prometheus every state is `unknown`."""
    return json_response((await services.status.kpis()).model_dump())


@router.get("/kpis/series", response_model=SeriesPage, responses=problems(422), summary="Every KPI over time")
async def get_all_series(parameters: Over, services: UseServices) -> Response:
    """Return every KPI's points over the last hour or day; without Prometheus there are none."""
    return json_response((await services.status.series(parameters.janela)).model_dump())


@router.get(
    "/kpis/{nome}/serie", response_model=Series, responses=problems(422) | _REFUSED, summary="One KPI over time"
)
async def get_series(nome: Name, parameters: Over, services: UseServices) -> Response:
    """Return a KPI's points over the last hour or day; without Prometheus there are none."""
    if nome not in _BY_NAME:
        raise UnknownKpiError(f"no KPI has the name {nome}; GET /v1/kpis lists them")
    return json_response((await services.status.one_series(_BY_NAME[nome], parameters.janela)).model_dump())


@router.get("/situacao", response_model=Situation, responses=problems(422), summary="Alerts and services now")
async def get_situation(_: Nothing, services: UseServices) -> Response:
    """Return the active alerts, and how each service is: as the app sees it, and as Prometheus does."""
    return json_response((await services.status.situation()).model_dump())


@router.get(
    "/situacao/particoes", response_model=Partitions, responses=problems(422), summary="Sizes of the partitions"
)
async def get_partitions(parameters: Over, services: UseServices) -> Response:
    """Return how large each year's partition is, and how it grew over the last hour or day."""
    return json_response((await services.status.partitions(parameters.janela)).model_dump())
