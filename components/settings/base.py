"""What every settings model is made of."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

PROJECT = "mundo"
"""Pulumi project name, which is also the namespace of the settings and the prefix of every container."""

STACK_NAME = re.compile(r"[a-z][a-z0-9-]{0,24}")
"""What a stack may be called: its name becomes part of container, volume and network names."""

Port = Annotated[int, Field(ge=1024, le=65535)]
MegaBytes = Annotated[int, Field(ge=16, le=1_048_576)]
Cpus = Annotated[float, Field(ge=0.1, le=256, multiple_of=0.1)]


class SettingsError(ValueError):
    """A setting is unknown, missing or wrong; the text is one line for the operator."""


class Concern(BaseModel):
    """Base of every settings model: immutable, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")
