"""A small S3-compatible server on the network of a cell: rclone's, with TLS and a certificate authority of its own."""

from __future__ import annotations

import io
import sys
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import docker
import trustme

from images.base import build as base_image

if TYPE_CHECKING:
    from docker.models.containers import Container

HOST, PORT, BUCKET = "s3.mundo.test", 8443, "fazenda"
KEY, KEY_SECRET = "CHAVE-DO-TESTE", "segredo/da+chave="
_STORE = f"/srv/{BUCKET}"
_RCLONE = Path(sys.executable).parent / "rclone"


class S3:
    """The server; what it stores are files in its container, by the names of the objects."""

    def __init__(self) -> None:
        self.authority = trustme.CA()
        self._container: Container | None = None

    @property
    def settings(self) -> dict[str, Any]:
        """The stack's settings `backups.s3` for it."""
        return {
            "bucket": BUCKET,
            "endpoint": HOST,
            "port": PORT,
            "region": "us-east-1",
            "uri_style": "path",
            "ca": self.authority.cert_pem.bytes().decode(),
        }

    @property
    def container(self) -> Container:
        """The container it runs in."""
        assert self._container is not None, "the server was not started"
        return self._container

    def start(self, network: str, labels: dict[str, str]) -> None:
        """Starts it on a Docker network, where it goes by `HOST`; it is removed with whatever has the same labels."""
        client = docker.from_env()
        served = f"mkdir -p {_STORE} && exec rclone serve s3 --addr :{PORT} --cert /tls/cert --key /tls/key /srv"
        made = client.containers.create(
            base_image.ensure(),
            ["sh", "-c", served],
            name=f"{network}-s3",
            labels=labels,
            environment={"RCLONE_AUTH_KEY": f'"{KEY},{KEY_SECRET}"', "RCLONE_CONFIG": ""},
            volumes={str(_RCLONE): {"bind": "/usr/local/bin/rclone", "mode": "ro"}},
        )
        made.put_archive("/", self._certificate())
        client.networks.get("bridge").disconnect(made)
        client.networks.get(network).connect(made, aliases=[HOST])
        made.start()
        self._container = made

    def objects(self) -> dict[str, bytes]:
        """Name → content of every object in the bucket."""
        stream, _ = self.container.get_archive(_STORE)
        with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as tar:
            files = {one.name: tar.extractfile(one) for one in tar.getmembers() if one.isfile()}
            return {name.partition("/")[2]: file.read() for name, file in files.items() if file}

    def _certificate(self) -> bytes:
        issued = self.authority.issue_cert(HOST)
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            for name, text in (
                ("cert", b"".join(part.bytes() for part in issued.cert_chain_pems)),
                ("key", issued.private_key_pem.bytes()),
            ):
                info = tarfile.TarInfo(f"tls/{name}")
                info.size = len(text)
                tar.addfile(info, io.BytesIO(text))
        return archive.getvalue()
