"""Rows of the tables as answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.db import Row

_PLAIN = ("id", "arquivo", "bytes", "digest", "estado")
_ENDED = ("erro", "criada_em", "iniciada_em", "atualizada_em", "concluida_em")
_COUNTS = ("importacao_id", "formato", "lidas", "armazenadas", "rejeitadas", "reparadas", "avisos")


def job_view(row: Row) -> dict[str, Any]:
    """A job as `ImportJob`."""
    result = None
    if row["importacao_id"] is not None and row["formato"] is not None:
        result = {name: row[name] for name in _COUNTS} | {"rejeitos": f"/v1/importacoes/{row['id']}/rejeitos"}
    return {
        **{name: row[name] for name in _PLAIN},
        "already_loaded": row["ja_carregada"],
        "tentativas": row["tentativas"],
        "requisicao": row["requisicao"],
        "progresso": _progress(row),
        "resultado": result,
        **{name: row[name] for name in _ENDED},
    }


def _progress(row: Row) -> dict[str, Any]:
    done, total, seconds = row["bytes_lidos"], row["bytes_total"], row["seconds"]
    loading = row["estado"] == "running" and row["etapa"] == "load" and done > 0 and seconds > 0
    return {
        "etapa": row["etapa"],
        "bytes_lidos": done,
        "bytes_total": total,
        "feicoes": row["feicoes"],
        "feicoes_por_segundo": round(row["feicoes"] / seconds, 1) if loading else None,
        "segundos_restantes": round(seconds * max(total - done, 0) / done, 1) if loading else None,
    }


def origin_view(row: Row) -> dict[str, Any]:
    """An entry's origin as `EntryOrigin`."""
    feature = ("feature_id", "feature_index", "camada", "categoria", "reparo")
    run = ("arquivo", "digest", "formato", "iniciada_em", "concluida_em")
    imported = row["importacao_id"] is not None
    return {
        "catalogo_id": row["catalogo_id"],
        "feicao": {name: row[name] for name in feature} if imported else None,
        "importacao": {"id": row["importacao_id"], **{name: row[name] for name in run}} if imported else None,
        "tarefa": {"id": row["tarefa_id"], "requisicao": row["requisicao"], "recebida_em": row["recebida_em"]}
        if row["tarefa_id"] is not None
        else None,
    }
