"""What requests about imports may hold, and what their answers look like."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 -- pydantic reads it at run time
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from app.imports.names import PATTERN, usable
from app.models import MAX_BIGINT, Text

_WHEN = "2026-03-01T12:00:00+00:00"
_DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
State = Literal["pending", "running", "done", "refused", "failed"]


FileName = Annotated[Text, Field(json_schema_extra={"pattern": PATTERN}), AfterValidator(usable)]


class UploadParameters(BaseModel):
    """Parameters of an upload."""

    model_config = ConfigDict(extra="forbid")

    arquivo: FileName | None = Field(
        None, description="the file's name, unless Content-Disposition says it", examples=["levantamento_2026.geojson"]
    )


class ListParameters(BaseModel):
    """Parameters of the list of imports."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(20, ge=1, le=100, description="the most imports to return", examples=[20])
    before: int | None = Field(
        None,
        ge=1,
        le=MAX_BIGINT,
        description="only imports with a smaller id (`next_before` of the page before)",
        examples=[8],
    )


class RejectParameters(BaseModel):
    """Parameters of the report of rejects."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(100, ge=1, le=1000, description="the most rejects to return", examples=[100])
    after: int = Field(
        -1,
        ge=-1,
        le=MAX_BIGINT,
        description="only features after this position (`next_after` of the page before)",
        examples=[-1],
    )


class ImportProgress(BaseModel):
    """How far a job is; rate and time left are null where nothing can be said."""

    etapa: str | None = Field(description="digest, wait, load, commit, compare, analyze, refresh")
    bytes_lidos: int
    bytes_total: int
    feicoes: int = Field(description="features read so far")
    feicoes_por_segundo: float | None
    segundos_restantes: float | None


class ImportResult(BaseModel):
    """What became of the file's features; `lidas` is `armazenadas` + `rejeitadas`."""

    importacao_id: int
    formato: str
    lidas: int
    armazenadas: int
    rejeitadas: int
    reparadas: int
    avisos: list[str]
    rejeitos: str = Field(description="the path of the report of rejects")


class ImportJob(BaseModel):
    """An upload and its job: `refused` is the file's fault, `failed` the service's."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 7,
                "arquivo": "levantamento_2026.geojson",
                "bytes": 1830211,
                "digest": _DIGEST,
                "estado": "done",
                "already_loaded": False,
                "tentativas": 1,
                "requisicao": "6f1f9d0c2b7e4c6f9d0c2b7e4c6f1f9d",
                "progresso": {
                    "etapa": "refresh",
                    "bytes_lidos": 1830211,
                    "bytes_total": 1830211,
                    "feicoes": 413,
                    "feicoes_por_segundo": None,
                    "segundos_restantes": None,
                },
                "resultado": {
                    "importacao_id": 3,
                    "formato": "GeoJSON",
                    "lidas": 413,
                    "armazenadas": 411,
                    "rejeitadas": 2,
                    "reparadas": 5,
                    "avisos": [],
                    "rejeitos": "/v1/importacoes/7/rejeitos",
                },
                "erro": None,
                "criada_em": _WHEN,
                "iniciada_em": _WHEN,
                "atualizada_em": _WHEN,
                "concluida_em": _WHEN,
            }
        }
    )

    id: int
    arquivo: str
    bytes: int
    digest: str = Field(description="SHA-256 of the file, in hexadecimal digits")
    estado: State
    already_loaded: bool = Field(description="the same content had been loaded before: nothing was added")
    tentativas: int
    requisicao: str = Field(description="id of the request that brought the file")
    progresso: ImportProgress
    resultado: ImportResult | None = Field(description="null while the file's features are not stored")
    erro: str | None = Field(description="why it was refused or failed, or null")
    criada_em: datetime
    iniciada_em: datetime | None
    atualizada_em: datetime
    concluida_em: datetime | None


class ImportPage(BaseModel):
    """A page of imports, newest first; `next_before` is null on the last one."""

    model_config = ConfigDict(json_schema_extra={"example": {"items": [], "next_before": None}})

    items: list[ImportJob]
    next_before: int | None


class RejectedFeature(BaseModel):
    """A feature that was not stored, and why (in Portuguese)."""

    feature_index: int = Field(description="position in the file, from 0")
    feature_id: str | None
    motivo: str


class RejectPage(BaseModel):
    """A page of rejects in the order of the file; `next_after` is null on the last one."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "items": [{"feature_index": 12, "feature_id": "C46A", "motivo": "geometria vazia"}],
                "next_after": None,
            }
        }
    )

    items: list[RejectedFeature]
    next_after: int | None


class FeatureOrigin(BaseModel):
    """The feature in its file."""

    feature_id: str
    feature_index: int = Field(description="position in the file, from 0")
    camada: str | None
    categoria: str | None
    reparo: str | None = Field(description="what was repaired in the geometry, or null")


class ImportOrigin(BaseModel):
    """The import that stored it."""

    id: int
    arquivo: str
    digest: str
    formato: str
    iniciada_em: datetime
    concluida_em: datetime


class JobOrigin(BaseModel):
    """The upload that brought the file."""

    id: int
    requisicao: str
    recebida_em: datetime


class EntryOrigin(BaseModel):
    """From an entry, and so from each of its geometries, back to feature, file and run (rastreabilidade)."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "catalogo_id": 17,
                "feicao": {
                    "feature_id": "C46A",
                    "feature_index": 12,
                    "camada": "Pastos",
                    "categoria": "Pastagem",
                    "reparo": None,
                },
                "importacao": {
                    "id": 3,
                    "arquivo": "levantamento_2026.geojson",
                    "digest": _DIGEST,
                    "formato": "GeoJSON",
                    "iniciada_em": _WHEN,
                    "concluida_em": _WHEN,
                },
                "tarefa": {"id": 7, "requisicao": "6f1f9d0c2b7e4c6f9d0c2b7e4c6f1f9d", "recebida_em": _WHEN},
            }
        }
    )

    catalogo_id: int
    feicao: FeatureOrigin | None = Field(description="null for entries that no import made")
    importacao: ImportOrigin | None
    tarefa: JobOrigin | None = Field(description="null for files that were not uploaded (make ingest)")
