"""Secret settings: what there is, and what is no secret."""

from __future__ import annotations

import re

from pydantic import Field, SecretStr, field_validator

from components.settings.base import Concern

SECRETS: dict[str, str] = {
    "postgresOwnerPassword": "PostgreSQL role mundo_owner: migrations, jobs, ingest",
    "postgresAppPassword": "PostgreSQL role mundo_app: the catalogue app",
    "postgresIngestPassword": "PostgreSQL role mundo_ingest: imports through the catalogue app",
    "postgresExporterPassword": "PostgreSQL role mundo_exporter: metrics",
    "postgresReaderPassword": "PostgreSQL role mundo_reader: people and tools that only read",
    "backupPassphrase": "backups of the database: without it nothing can be restored",
    "redisPassword": "Redis and Sentinel",
    "importToken": "uploads to the catalogue app (POST /v1/importacoes)",
    "grafanaAdminPassword": "Grafana's administrator",
}
"""Secret settings, each with what it opens. They are Pulumi secrets; no default exists for any."""

LASTING_SECRETS: dict[str, str] = {
    "backupPassphrase": "the backups that are there are encrypted with it",
}
"""Secrets that keep their value, each with the reason."""

GIVEN_SECRETS: dict[str, str] = {
    "backupS3Key": "access key of backups.s3.bucket",
    "backupS3KeySecret": "secret access key of backups.s3.bucket",
    "smtpPassword": "password of monitoring.email.user at the mail server",
    "alertWebhookUrl": "where alerts are posted, instead of monitoring.webhook_url",
    "alertWatchdogUrl": "what is posted to while alerting works, instead of monitoring.watchdog_url",
}
"""Optional secrets of services outside the platform: they say what these are, and nothing generates or renews them."""

OPTIONAL_SECRETS: dict[str, str] = {"accessPasswords": "login of access.readers → its password", **GIVEN_SECRETS}
"""Secret settings that a stack may leave out."""

_SECRET_MINIMUM = 12


class Secrets(Concern):
    """The stack's secrets; `SecretStr`, so none lands in a log or an error by accident."""

    postgresOwnerPassword: SecretStr  # noqa: N815 - the key as it stands in the settings file
    postgresAppPassword: SecretStr  # noqa: N815
    postgresIngestPassword: SecretStr  # noqa: N815
    postgresExporterPassword: SecretStr  # noqa: N815
    postgresReaderPassword: SecretStr  # noqa: N815
    backupPassphrase: SecretStr  # noqa: N815
    redisPassword: SecretStr  # noqa: N815
    importToken: SecretStr  # noqa: N815
    grafanaAdminPassword: SecretStr  # noqa: N815
    accessPasswords: dict[str, SecretStr] = Field(default_factory=dict)  # noqa: N815
    backupS3Key: SecretStr | None = None  # noqa: N815
    backupS3KeySecret: SecretStr | None = None  # noqa: N815
    smtpPassword: SecretStr | None = None  # noqa: N815
    alertWebhookUrl: SecretStr | None = None  # noqa: N815
    alertWatchdogUrl: SecretStr | None = None  # noqa: N815

    def access_password(self, login: str) -> str:
        """Password of a login of `access.readers`."""
        return self.accessPasswords[login].get_secret_value()

    @field_validator("backupS3Key", "backupS3KeySecret")
    @classmethod
    def _one_word(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.fullmatch(r"[\x21-\x7e]+", value.get_secret_value()):
            raise ValueError("a key is printable characters without spaces")
        return value

    @field_validator("alertWebhookUrl", "alertWatchdogUrl")
    @classmethod
    def _an_address(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.fullmatch(r"https?://\S+", value.get_secret_value()):
            raise ValueError("an address begins with http:// or https:// and has no spaces")
        return value

    @field_validator(*SECRETS, "accessPasswords")
    @classmethod
    def _not_a_default(cls, value: SecretStr | dict[str, SecretStr]) -> SecretStr | dict[str, SecretStr]:
        if isinstance(value, dict):
            for member in value.values():
                cls._not_a_default(member)
            return value
        text = value.get_secret_value()
        if len(text) < _SECRET_MINIMUM or not re.fullmatch(r"[\x21-\x7e]+", text) or len(set(text)) <= 4:  # noqa: PLR2004
            raise ValueError(
                f"a secret has at least {_SECRET_MINIMUM} printable characters without spaces, "
                "and is neither a default nor one character repeated"
            )
        return value
