"""Words of the sections in both languages, and their lines.

Portuguese is looked up by the English text, so that a text that changes at its source has to be put into Portuguese
anew: until then the sections cannot be made.
"""

from __future__ import annotations

from textwrap import fill
from typing import Final, Literal

from ops.errors import OpsError

Language = Literal["en", "pt"]

_PORTUGUESE: Final = {
    # Targets of the Makefile.
    "bring the platform up, or to what its settings say now": "põe a plataforma no ar, ou no que as opções dizem",
    "what `make up` would change (FORMAT=markdown OUTPUT=file for a reviewer)": (
        "o que `make up` mudaria (FORMAT=markdown OUTPUT=file para quem revisa)"
    ),
    "drift between state and what really runs (APPLY=1 writes it to state)": (
        "diferenças entre o estado e o que roda (APPLY=1 as grava no estado)"
    ),
    "every container: state, health, restarts": "todo contêiner: estado, saúde, reinícios",
    "stack outputs as JSON (SHOW_SECRETS=1 shows passwords)": (
        "endereços e versões em JSON (SHOW_SECRETS=1 mostra as senhas)"
    ),
    "set one setting": "muda uma opção; recusada quando o resultado não seria permitido",
    "give a secret a new value": "dá a um segredo um novo valor; vale depois de um `make up`",
    "remove the platform WITH ITS DATA (asks; FORCE=1 for scripts)": (
        "remove a plataforma **com seus dados** (pergunta antes; FORCE=1 para scripts)"
    ),
    "what is there, what is missing, what that costs; changes nothing": (
        "o que há, o que falta, quanto isso custa; não muda nada"
    ),
    "one statement as the owner of the schema": "um comando SQL como dono do esquema",
    "each KPI: value now, target, met or not (JSON=1)": "cada KPI: valor agora, meta, cumprida ou não (JSON=1)",
    "plan disk space ten years ahead (ROWS_PER_YEAR=413 OUTPUT=folder JSON=1; COMPARE=1 only compares)": (
        "planeja o espaço em disco dos próximos dez anos (ROWS_PER_YEAR=413 OUTPUT=pasta JSON=1; COMPARE=1 só compara)"
    ),
    "remove images that no container uses": "remove imagens que nenhum contêiner usa",
    # Ports.
    "catalogue API and page": "API e página do catálogo",
    "PostgreSQL, for migrations, ingest and SQL clients": "PostgreSQL, para migrações, importação e clientes SQL",
    "Prometheus": "Prometheus",
    "Alertmanager": "Alertmanager",
    "Grafana, where it is on": "Grafana, onde está ligado",
    # Of the sections themselves.
    "command": "comando",
    "what it does": "o que faz",
    "KPI": "KPI",
    "target": "meta",
    "measured": "medido",
    "when": "quando",
    "this release": "esta versão",
    "not measured": "não medido",
    "Those that only use shows": "Os que só o uso mostra",
    "(`make kpis`, or the page `/status`)": "(`make kpis`, ou a página `/status`)",
    "or newer": "ou mais novo",
    "A stack of its own answers on `127.0.0.1` at": "Um stack sozinho responde em `127.0.0.1` nas portas",
    "missed": "não cumprida",
    "items/s": "feições/s",
}


def said(text: str, language: Language) -> str:
    """`text`, which is English, in `language`.

    Raises:
        OpsError: nobody has put it into Portuguese.
    """
    if language == "en":
        return text
    try:
        return _PORTUGUESE[text]
    except KeyError:
        raise OpsError(f"'{text}' has no Portuguese in ops/readme/language.py") from None


def number(shown: str, language: Language) -> str:
    """A number with its unit, as English writes it, in `language`: 6,485.5 becomes 6.485,5."""
    if language == "en":
        return shown
    return shown.translate(str.maketrans(",.", ".,")).replace("items/s", said("items/s", language))


def paragraph(text: str) -> str:
    """`text` in lines as long as those that people write here."""
    return fill(text, width=120, break_long_words=False, break_on_hyphens=False) + "\n"
