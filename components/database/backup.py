"""The backup service: the image of PostgreSQL once more, beside the server, on the same volumes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.database import backup_config
from components.service import FILES_MOUNT, DataVolume, HealthCheck, Service, SharedVolume

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
FOLDER = f"{FILES_MOUNT}/config"
"""Of the files of `config`, in the containers of the server and of the service."""


def config(context: StackContext) -> dict[str, str]:
    """Files of pgBackRest, for the server, which archives, and for the service, which makes backups."""
    wanted = context.settings.backups
    repository = (
        backup_config.in_bucket(wanted.s3, context.prefix, FOLDER) if wanted.s3.bucket else backup_config.in_volume()
    )
    text = backup_config.render(
        keep_full=wanted.keep_full,
        compress_level=wanted.compress_level,
        processes=wanted.processes,
        repository=repository,
    )
    trusted = {backup_config.CERTIFICATES: wanted.s3.ca} if wanted.s3.bucket and wanted.s3.ca else {}
    return {backup_config.FILE: text, **trusted}


def secrets(context: StackContext) -> dict[str, str]:
    """What the repository is encrypted with and opened by, as a further file of pgBackRest's configuration."""
    own = context.secrets
    keys = (own.backupS3Key, own.backupS3KeySecret) if context.settings.backups.s3.bucket else ()
    text = backup_config.render_secret(
        own.backupPassphrase.get_secret_value(), *(key.get_secret_value() for key in keys if key is not None)
    )
    return {backup_config.FILE: text}


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
