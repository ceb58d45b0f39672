"""The way back from a catalogue entry: feature, file, import and upload (rastreabilidade)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.errors import NotFoundError

if TYPE_CHECKING:
    from app.db import Database, Row

_ORIGIN = """
SELECT
    c.id AS catalogo_id, o.feature_id, o.feature_index, o.camada, o.categoria, o.reparo,
    i.id AS importacao_id, i.arquivo, i.digest, i.formato, i.iniciada_em, i.concluida_em,
    t.id AS tarefa_id, t.requisicao, t.criada_em AS recebida_em
FROM catalogo AS c
LEFT JOIN catalogo_origem AS o ON o.catalogo_id = c.id
LEFT JOIN importacoes AS i ON i.id = o.importacao_id
LEFT JOIN LATERAL (
    SELECT job.id, job.requisicao, job.criada_em
    FROM importacao_tarefas AS job
    WHERE job.importacao_id = i.id AND NOT job.ja_carregada
    ORDER BY job.id
    LIMIT 1
) AS t ON true
WHERE c.id = %(id)s::bigint
"""


async def origin(database: Database, catalogo_id: int) -> Row:
    """Where an entry came from; raises NotFoundError."""
    row = await database.fetch_one(_ORIGIN, {"id": catalogo_id})
    if row is None:
        raise NotFoundError(catalogo_id)
    return row
