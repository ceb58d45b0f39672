"""Uploads to the catalogue app, and the process that loads them."""

from __future__ import annotations

from pydantic import Field

from components.settings.base import Concern, MegaBytes


class ImportSettings(Concern):
    """Limits of uploads and of the jobs that they become."""

    max_upload_mb: int = Field(default=1024, ge=1, le=1_048_576, description="largest file that is accepted, MiB")
    upload_timeout_seconds: int = Field(default=900, ge=1, le=86_400, description="longest upload, seconds")
    stall_timeout_seconds: int = Field(
        default=30, ge=1, le=3600, description="silence after which an upload is cut off, seconds"
    )
    job_timeout_minutes: int = Field(default=60, ge=1, le=10_080, description="longest job, minutes")
    max_waiting: int = Field(default=20, ge=1, le=10_000, description="jobs that may wait or run; more are refused")
    min_free_mb: MegaBytes = Field(default=512, description="disk space that uploads leave free, MiB")
    memory_mb: MegaBytes = Field(default=640, description="memory of the process that loads files, MiB")
