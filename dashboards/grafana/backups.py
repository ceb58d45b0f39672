"""Backups of the database: whether it could be brought back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboards.grafana.frame import Section
from dashboards.grafana.panels import chart, number, state
from dashboards.grafana.queries import of

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders import stat


def backups() -> Section:
    """How old the last good backup and drill are, what failed, and what waits to be archived."""
    return Section(
        title="Backups",
        panels=[
            _in_time("Último backup", "Se o último backup bom não é velho demais.", "any", "BackupTooOld"),
            _in_time(
                "Último teste de restauração",
                "Se o último teste que restaurou um backup e o comparou com o banco não é velho demais.",
                "drill",
                "RestoreDrillTooOld",
            ),
            _failed("Backups que falharam", "Backups que falharam desde o último bom.", "any", "BackupFailing"),
            _failed(
                "Testes que falharam",
                "Testes de restauração que falharam desde o último bom.",
                "drill",
                "RestoreDrillFailing",
            ),
            number(
                "Páginas danificadas",
                "Leituras que encontraram uma página com soma de verificação errada.",
                "none",
                f"sum({of('pg_mundo_checksums_failures')})",
                steps=((None, "green"), (1, "red")),
                alerts=["PageChecksumsFailing"],
            ),
            number(
                "Extensões atrasadas",
                "Extensões do banco que não têm a versão da imagem.",
                "none",
                f"sum({of('pg_mundo_extension_behind')})",
                steps=((None, "green"), (1, "orange")),
                alerts=["ExtensionBehind"],
            ),
            chart(
                "Log à espera do arquivo",
                "Há quanto tempo espera o segmento mais antigo do log que ainda não foi arquivado.",
                "s",
                (f"max({of('pg_mundo_archive_oldest_seconds')})", "espera"),
                alerts=["WalArchivingFailing"],
            ),
            chart(
                "Último segmento arquivado",
                "Há quanto tempo um segmento do log foi arquivado; o que veio depois se perde com o disco.",
                "s",
                (f"max({of('pg_mundo_archive_age_seconds')})", "idade"),
            ),
        ],
    )


def _in_time(title: str, description: str, backup: str, alert: str) -> stat.Panel:
    age = of("pg_mundo_backup_age_seconds", backup=backup)
    most = of("pg_mundo_backup_max_age_seconds", backup=backup)
    return state(title, description, f"min({age} <= bool {most})", good="em dia", bad="velho", alerts=[alert])


def _failed(title: str, description: str, backup: str, alert: str) -> stat.Panel:
    failures = of("pg_mundo_backup_failures_since_success", backup=backup)
    steps = ((None, "green"), (1, "red"))
    return number(title, description, "none", f"sum({failures})", steps=steps, alerts=[alert])
