"""Settings of a stack: one pydantic model per concern, read here and nowhere else.

Every key lives in the stack's settings file under the project's namespace (`mundo:network`, `mundo:postgres`, …).
What a file leaves out has the default written here; what it has too much or wrong is refused with one line that names
the key, the value and what is allowed. The same models give the JSON schema (`json_schema`).
"""

from components.settings.access import AccessSettings, Login
from components.settings.alerting import AlertingSettings, EmailSettings
from components.settings.backups import BackupSchedules, BackupSettings
from components.settings.base import PROJECT, STACK_NAME, SettingsError
from components.settings.bounds import BoundsSettings, BreakerSettings, DeadlineSettings
from components.settings.bucket import BucketSettings
from components.settings.capacity import CapacitySettings, Growth
from components.settings.database import DatabaseSettings, PlausibleYears, RoleLimits, Schedules
from components.settings.imports import ImportSettings
from components.settings.mapa import MapSettings
from components.settings.parsing import parse
from components.settings.schema import json_schema
from components.settings.secrets import GIVEN_SECRETS, LASTING_SECRETS, OPTIONAL_SECRETS, SECRETS, Secrets
from components.settings.services import (
    CatalogSettings,
    GrafanaSettings,
    MonitoringSettings,
    NetworkSettings,
    PortsSettings,
    PostgresSettings,
    RedisSettings,
)
from components.settings.stack import Settings

__all__ = [
    "GIVEN_SECRETS",
    "LASTING_SECRETS",
    "OPTIONAL_SECRETS",
    "PROJECT",
    "SECRETS",
    "STACK_NAME",
    "AccessSettings",
    "AlertingSettings",
    "BackupSchedules",
    "BackupSettings",
    "BoundsSettings",
    "BreakerSettings",
    "BucketSettings",
    "CapacitySettings",
    "CatalogSettings",
    "DatabaseSettings",
    "DeadlineSettings",
    "EmailSettings",
    "GrafanaSettings",
    "Growth",
    "ImportSettings",
    "Login",
    "MapSettings",
    "MonitoringSettings",
    "NetworkSettings",
    "PlausibleYears",
    "PortsSettings",
    "PostgresSettings",
    "RedisSettings",
    "RoleLimits",
    "Schedules",
    "Secrets",
    "Settings",
    "SettingsError",
    "json_schema",
    "parse",
]
