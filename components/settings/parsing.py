"""From a stack's configuration to its settings and secrets; what is wrong is said in one line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel, ValidationError

from components.settings.base import PROJECT, STACK_NAME, SettingsError
from components.settings.secrets import GIVEN_SECRETS, OPTIONAL_SECRETS, SECRETS, Secrets
from components.settings.stack import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MOVED = {
    "postgres.years_ahead": "database.years_ahead",
    "postgres.maintenance_schedule": "database.schedules.maintain_partitions",
    "postgres.refresh_schedule": "database.schedules.refresh",
}
"""Keys of files that an earlier version wrote, and where each stands now."""


def parse(raw: Mapping[str, Any], stack: str) -> tuple[Settings, Secrets]:
    """Settings and secrets of `stack` from its configuration.

    Args:
        raw: the configuration without the project's namespace: `{"network": {...} or its JSON, "redisPassword": "…"}`.
        stack: the stack's name, for the error texts.

    Raises:
        SettingsError: one line that names the key, the value and what is allowed.
    """
    if not STACK_NAME.fullmatch(stack):
        raise SettingsError(
            f"stack name '{stack}': allowed are lower-case letters, digits and '-', at most 25, a letter first"
        )
    known = set(Settings.model_fields) | set(SECRETS) | set(OPTIONAL_SECRETS)
    for key in raw:
        if key not in known:
            raise SettingsError(
                f"Pulumi.{stack}.yaml: unknown key '{PROJECT}:{key}'; allowed are {', '.join(sorted(known))}"
            )
    values = {key: _decode(key, value, stack) for key, value in raw.items() if key in Settings.model_fields}
    secret = {key: raw.get(key) for key in SECRETS} | {
        key: raw[key] if key in GIVEN_SECRETS else _decode(key, raw[key], stack)
        for key in OPTIONAL_SECRETS
        if raw.get(key)
    }
    missing = [key for key in SECRETS if not raw.get(key)]
    if missing:
        raise SettingsError(
            f"Pulumi.{stack}.yaml: secret {', '.join(PROJECT + ':' + key for key in missing)} missing: "
            f"make init-secrets STACK={stack} generates them, pulumi config set --secret --stack {stack} sets one"
        )
    try:
        settings, secrets = Settings.model_validate(values), Secrets.model_validate(secret)
    except ValidationError as error:
        raise SettingsError(_one_line(error, stack)) from None
    _every_login_has_a_password(settings, secrets, stack)
    _alerts_have_one_address(settings, secrets, stack)
    _a_bucket_has_keys(settings, secrets, stack)
    return settings, secrets


def _every_login_has_a_password(settings: Settings, secrets: Secrets, stack: str) -> None:
    for login in settings.access.readers:
        if login.name not in secrets.accessPasswords:
            raise SettingsError(
                f"Pulumi.{stack}.yaml: access.readers names '{login.name}', which has no password; set one with: "
                f"pulumi config set --secret --stack {stack} --path {PROJECT}:accessPasswords.{login.name}"
            )


def _alerts_have_one_address(settings: Settings, secrets: Secrets, stack: str) -> None:
    alerting = settings.monitoring
    if alerting.email.user and secrets.smtpPassword is None:
        raise SettingsError(
            f"Pulumi.{stack}.yaml: monitoring.email.user is '{alerting.email.user}', which has no password; set it "
            f"first with: pulumi config set --secret --stack {stack} {PROJECT}:smtpPassword"
        )
    for setting, key in (("webhook_url", "alertWebhookUrl"), ("watchdog_url", "alertWatchdogUrl")):
        if getattr(alerting, setting) and getattr(secrets, key):
            raise SettingsError(
                f"Pulumi.{stack}.yaml: monitoring.{setting} and the secret {PROJECT}:{key} are both set; "
                f"one of them goes: pulumi config rm --stack {stack} {PROJECT}:{key}"
            )


def _a_bucket_has_keys(settings: Settings, secrets: Secrets, stack: str) -> None:
    bucket = settings.backups.s3.bucket
    for key in ("backupS3Key", "backupS3KeySecret"):
        if bucket and getattr(secrets, key) is None:
            raise SettingsError(
                f"Pulumi.{stack}.yaml: backups.s3.bucket is '{bucket}', whose {key} is missing; set it first with: "
                f"pulumi config set --secret --stack {stack} {PROJECT}:{key}"
            )


def _decode(key: str, value: Any, stack: str) -> Any:
    """Pulumi hands objects and booleans over as JSON text."""
    if not isinstance(value, str) or key == "instance":
        return value
    try:
        return json.loads(value)
    except json.JSONDecodeError:
        raise SettingsError(
            f"Pulumi.{stack}.yaml: {PROJECT}:{key} is '{value[:60]}', not a mapping of settings"
        ) from None


def _one_line(error: ValidationError, stack: str) -> str:
    first = error.errors(include_url=False)[0]
    path = ".".join(str(part) for part in first["loc"])
    top = str(first["loc"][0]) if first["loc"] else ""
    message = first["msg"].removeprefix("Value error, ")
    if top in SECRETS or top in OPTIONAL_SECRETS:
        return f"Pulumi.{stack}.yaml: {PROJECT}:{path}: {message}"
    if path in _MOVED:
        return f"Pulumi.{stack}.yaml: {PROJECT}:{path} has moved: it is {PROJECT}:{_MOVED[path]} now"
    if first["type"] == "extra_forbidden":
        return f"Pulumi.{stack}.yaml: unknown key '{PROJECT}:{path}'; allowed are {', '.join(_siblings(first['loc']))}"
    shown = json.dumps(first["input"], default=str)[:80] if path else ""
    named = f"{PROJECT}:{path} is {shown}: " if path else ""
    return f"Pulumi.{stack}.yaml: {named}{message}"


def _siblings(loc: tuple[int | str, ...]) -> list[str]:
    """Keys allowed beside an unknown one."""
    model: type[BaseModel] = Settings
    for part in loc[:-1]:
        if str(part) in model.model_fields:
            model = next(_models(model.model_fields[str(part)].annotation), model)
    return sorted(model.model_fields)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models in an annotation: itself, or what a tuple of it holds."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)
