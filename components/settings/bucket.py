"""Where backups lie, if not in a volume of the stack: a bucket behind an S3-compatible address."""

from __future__ import annotations

import re
import ssl
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from components.settings.base import Concern


class BucketSettings(Concern):
    """The bucket of the backups: used as soon as it has a name; without one they lie in a volume of the stack."""

    bucket: str | None = Field(
        default=None,
        pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
        description="bucket that holds the backups; none: the stack's volume does",
    )
    endpoint: str | None = Field(default=None, description="host of the S3-compatible service")
    port: int = Field(default=443, ge=1, le=65_535, description="its port, where it speaks TLS")
    region: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9-]+$",
        description="region that requests are signed for; a service of your own names one, often us-east-1",
    )
    prefix: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$",
        description="folder in the bucket, of this stack alone; mundo-STACK where none is named",
    )
    uri_style: Literal["host", "path"] = Field(
        default="host", description="whether the bucket stands in the host's name or in the path"
    )
    ca: str | None = Field(
        default=None,
        description="certificates (PEM) that the service is verified against; none: those this machine trusts",
    )
    verify_tls: bool = Field(default=True, description="whether the service must prove who it is")

    @field_validator("endpoint")
    @classmethod
    def _a_host_alone(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", value):
            raise ValueError("must be a host alone, such as s3.sa-east-1.amazonaws.com; its port is backups.s3.port")
        return value

    @field_validator("ca")
    @classmethod
    def _certificates(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=value)
            except (ssl.SSLError, ValueError):
                raise ValueError("must be the text of certificates (PEM), from BEGIN CERTIFICATE on") from None
        return value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.bucket is None:
            return self
        if not (self.endpoint and self.region):
            raise ValueError(f"bucket '{self.bucket}' needs endpoint (a host) and region before it is named")
        if "." in self.bucket and self.uri_style == "host" and self.verify_tls:
            raise ValueError(
                f"no certificate covers bucket '{self.bucket}' in a host's name, for its dot: uri_style must be path"
            )
        return self
