"""The backup service: the image of PostgreSQL once more, beside the server, on the same volumes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.database import backup_config
from components.service import DataVolume, HealthCheck, Service, SharedVolume

if TYPE_CHECKING:
    from components.context import StackContext

NAME = "backup"
HOST_NUMBER = 15
SERVER = "postgres"
"""The service whose data are backed up."""
DATA_PATH = backup_config.DATA
REPOSITORY = DataVolume(name="backups", path=backup_config.REPOSITORY)
_SCRATCH = DataVolume(name="scratch", path="/var/lib/drill")
"""Where a drill restores to: a copy of the data while it runs, empty otherwise."""


def config(context: StackContext) -> dict[str, str]:
    """Files of pgBackRest, for the server, which archives, and for the service, which makes backups."""
    wanted = context.settings.backups
    return {
        "pgbackrest.conf": backup_config.render(
            keep_full=wanted.keep_full, compress_level=wanted.compress_level, processes=wanted.processes
        )
    }


def secrets(context: StackContext) -> dict[str, str]:
    """What the repository is encrypted with, as a further file of pgBackRest's configuration."""
    return {"pgbackrest.conf": backup_config.render_secret(context.secrets.backupPassphrase.get_secret_value())}


def service(context: StackContext, server_address: str, user: int) -> Service:
    """The backup service of a stack, for the server at `server_address`, which runs as `user`."""
    settings = context.settings.backups
    password = context.secrets.postgresOwnerPassword.get_secret_value()
    return Service(
        name=NAME,
        component="database",
        image="postgres",
        user=user,
        host_number=HOST_NUMBER,
        command=("backup-agent",),
        env={"MUNDO_POSTGRES_HOST": server_address},
        config=config(context),
        secrets={**secrets(context), "pgpass": backup_config.render_pgpass(password)},
        volumes=(_SCRATCH,),
        shared=(
            SharedVolume(service=SERVER, name="data", path=DATA_PATH, read_only=True),
            SharedVolume(service=SERVER, name=REPOSITORY.name, path=REPOSITORY.path),
        ),
        health=HealthCheck(command=("backup-healthcheck",)),
        memory_mb=settings.memory_mb,
        cpus=settings.cpus,
        stop_seconds=20,
        init=False,
    )
