"""Parts for the tests of imports: files of features, the app as a process, and its worker."""

import contextlib
import hashlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import orjson
import psycopg
from psycopg.conninfo import conninfo_to_dict

from ops.cell import Cell

ROOT = Path(__file__).resolve().parents[2]
TOKEN = secrets.token_urlsafe(24)
ENDED = {"done", "refused", "failed"}


def squares(count: int, word: str, *, bad: int = 0) -> bytes:
    """Newline-delimited GeoJSON: `bad` features without a geometry, then squares; names hold `word`."""
    lines = [
        orjson.dumps({"type": "Feature", "id": f"r{n}", "properties": {"name": f"{word} r{n}"}, "geometry": None})
        for n in range(bad)
    ]
    for n in range(count - bad):
        west, south = -44.5 + (n % 500) / 1000, -17.9 + (n // 500) / 1000
        ring = [
            [west, south],
            [west + 0.001, south],
            [west + 0.001, south + 0.001],
            [west, south + 0.001],
            [west, south],
        ]
        lines.append(
            orjson.dumps(
                {
                    "type": "Feature",
                    "id": f"f{n}",
                    "properties": {"name": f"{word} {n}", "category": "Talhão", "layer_name": "LEVANTAMENTO"},
                    "geometry": {"type": "Polygon", "coordinates": [ring]},
                }
            )
        )
    return b"\n".join(lines) + b"\n"


def word() -> str:
    """A word that no other test uses."""
    return "zq" + secrets.token_hex(5)


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def until(condition: Callable[[], Any], seconds: float = 60, pause: float = 0.05) -> Any:
    """Wait until something is true, and give it."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(pause)
    return found


@dataclass
class App:
    """The app as a process, with imports on."""

    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}", timeout=60, headers={"Authorization": f"Bearer {TOKEN}"}
        )

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.environment["MUNDO_PORT"])

    @property
    def spool(self) -> Path:
        """Where its uploads wait."""
        return Path(self.environment["MUNDO_IMPORTS_DIR"])

    def start(self) -> None:
        """Start it and wait until it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "app"], env=self.environment, stdout=log, stderr=log, cwd=ROOT
            )
        until(self._answers, 30)

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()
        with contextlib.suppress(httpx.TransportError):
            return self.client.get("/health/ready").status_code == 200
        return False

    def end(self, number: int = signal.SIGTERM) -> None:
        """End it with a signal."""
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(timeout=30)
            self.process = None

    def worker(self) -> int | None:
        """The process that loads files, if one runs."""
        assert self.process is not None
        pid = self.process.pid
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            with contextlib.suppress(OSError):
                if b"app.imports.worker" in Path(f"/proc/{child}/cmdline").read_bytes():
                    return int(child)
        return None

    def send(self, data: bytes, name: str = "levantamento.geojsonl") -> dict[str, Any]:
        """Upload a file; gives its job."""
        answer = self.client.post("/v1/importacoes", params={"arquivo": name}, content=data)
        assert answer.status_code == 202, answer.text
        job: dict[str, Any] = answer.json()
        assert answer.headers["location"] == f"/v1/importacoes/{job['id']}"
        return job

    def job(self, job_id: int) -> dict[str, Any]:
        """The job as it is now."""
        answer = self.client.get(f"/v1/importacoes/{job_id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def ended(self, job_id: int, seconds: float = 90) -> dict[str, Any]:
        """The job once it has ended."""
        found: dict[str, Any] = until(lambda: (job := self.job(job_id))["estado"] in ENDED and job, seconds, 0.2)
        return found

    def loading(self, job_id: int) -> int:
        """Wait until features of a job are being stored; gives the worker's process."""
        until(lambda: self.job(job_id)["progresso"]["feicoes"] > 0, 60)
        pid: int = until(self.worker)
        return pid

    def in_spool(self) -> list[str]:
        """Folders of files in the spool."""
        return [item.name for item in self.spool.iterdir() if len(item.name) == 32] if self.spool.is_dir() else []


def environment(
    database: Cell, sentinels: list[tuple[str, int]], redis_password: str, folder: Path, others: dict[str, Any]
) -> dict[str, str]:
    """What the container hands to the app; `others` are settings of imports by name."""
    parts = conninfo_to_dict(database.conninfo("app"))
    ingest = database.conninfo("ingest")
    (folder / "secrets").mkdir(parents=True)
    for name, text in {
        "postgres_password": parts["password"],
        "redis_password": redis_password,
        "postgres_ingest_password": conninfo_to_dict(ingest)["password"],
        "import_token": TOKEN,
    }.items():
        (folder / "secrets" / name).write_text(str(text))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return {
        "PATH": os.environ["PATH"],
        "MUNDO_POSTGRES_HOST": str(parts["host"]),
        "MUNDO_POSTGRES_PORT": str(parts.get("port") or 5432),
        "MUNDO_SENTINELS": ",".join(f"{host}:{port}" for host, port in sentinels),
        "MUNDO_SECRETS_DIR": str(folder / "secrets"),
        "MUNDO_PORT": str(port),
        "MUNDO_STACK": "test",
        "MUNDO_IMPORTS_DIR": str(folder / "spool"),
        "MUNDO_IMPORTS_MIN_FREE_MB": "1",
        **{f"MUNDO_IMPORTS_{name.upper()}": str(value) for name, value in others.items()},
    }


@contextlib.contextmanager
def no_worker(owner: str) -> Iterator[None]:
    """Hold the place of the worker, so that jobs wait."""
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(hashtextextended('mundo.imports.worker', 0))")
        yield


def held_up(connection: psycopg.Connection[Any]) -> bool:
    """Whether an import waits before its commit."""
    row = connection.execute(
        "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'importacao_rejeitos'::regclass)"
    ).fetchone()
    return bool(row and row[0])


@contextlib.contextmanager
def before_commit(owner: str) -> Iterator[Callable[[], None]]:
    """Hold imports up when everything is copied and nothing committed; the function waits until one is there."""
    with psycopg.connect(owner) as connection:
        connection.execute("LOCK TABLE importacao_rejeitos IN ACCESS EXCLUSIVE MODE")

        def reached() -> None:
            until(lambda: held_up(connection))

        yield reached
        connection.rollback()
