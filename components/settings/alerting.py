"""Where alerts go and how long they wait."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from components.settings.base import Concern

URL = r"^https?://\S+$"
_MAIL = r"^[^@\s<>,]+@[^@\s<>,]+$"
Mail = Annotated[str, Field(pattern=_MAIL)]


class EmailSettings(Concern):
    """Alerts by e-mail: on as soon as there is somebody to write to."""

    to: tuple[Mail, ...] = Field(default=(), description="who is written to; nobody: no e-mail is sent")
    smarthost: str | None = Field(
        default=None, pattern=r"^[A-Za-z0-9.-]+:\d{1,5}$", description="mail server that takes them, host:port"
    )
    sender: str | None = Field(default=None, pattern=_MAIL, description="address that they come from")
    user: str | None = Field(
        default=None, pattern=r"^\S+$", description="login at the mail server; its password is the secret smtpPassword"
    )
    require_tls: bool = Field(default=True, description="whether the mail server must offer TLS")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.to and not (self.smarthost and self.sender):
            raise ValueError("e-mail needs smarthost (host:port) and sender before it has somebody in to")
        return self


class AlertingSettings(Concern):
    """What becomes of alerts; part of the concern `monitoring`."""

    webhook_url: str | None = Field(
        default=None,
        pattern=URL,
        description="where alerts are posted; an address that holds a token is the secret alertWebhookUrl instead",
    )
    email: EmailSettings = Field(default=EmailSettings(), description="alerts by e-mail")
    watchdog_url: str | None = Field(
        default=None,
        pattern=URL,
        description="posted to every minute while alerting works; one with a token is the secret alertWatchdogUrl",
    )
    runbook_url: str = Field(
        default="docs/runbooks/alerts.md",
        pattern=r"^[^\s#]+$",
        description="address of the published runbook page, to which each alert adds #its-name",
    )
    alert_wait_percent: int = Field(
        default=100,
        ge=1,
        le=1000,
        description="how much of its usual time an alert waits, per cent; little for trying out whether it arrives",
    )
