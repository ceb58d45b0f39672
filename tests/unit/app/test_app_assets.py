"""Static files: compressed once, validated by their content, and other people's files as they were published."""

from __future__ import annotations

import gzip
import json
import re
from typing import TYPE_CHECKING

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from app.api import pages
from app.assets import Assets
from app.compression import Compression
from app.conditional import Conditional
from ops import vendor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

TEXT = "/* wood */ " * 1000
PACKED_AT_MOST = 1_000_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a large and a small file, a picture and a worker of a release."""
    (tmp_path / "vendor" / "x-1").mkdir(parents=True)
    (tmp_path / "large.js").write_text(TEXT)
    (tmp_path / "small.css").write_text("p {}")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG" * 1000)
    (tmp_path / "vendor" / "x-1" / "x-worker.mjs").write_text(TEXT)
    return tmp_path


@pytest.fixture
async def client(folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the folder, through the layers that every answer goes through."""
    app = Compression(Conditional(Starlette(routes=[Mount("/", Assets(directory=folder))])), minimum_size=2048)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as opened:
        yield opened


async def test_a_text_is_sent_compressed_or_as_it_is(client: httpx.AsyncClient) -> None:
    for coding, packed in (("gzip", True), ("identity", False), ("gzip;q=0", False)):
        async with client.stream("GET", "/large.js", headers={"accept-encoding": coding}) as answer:
            raw = b"".join([part async for part in answer.aiter_raw()])
        assert (answer.headers.get("content-encoding") == "gzip") is packed
        assert (gzip.decompress(raw) if packed else raw).decode() == TEXT
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
        assert answer.headers["vary"] == "Accept-Encoding"
        same = await client.get(
            "/large.js", headers={"accept-encoding": coding, "if-none-match": answer.headers["etag"]}
        )
        assert (same.status_code, same.content) == (304, b"")
        assert "content-encoding" not in same.headers
    small = await client.get("/small.css")
    assert "content-encoding" not in small.headers
    assert small.text == "p {}"
    assert (await client.get("/picture.png")).content == b"\x89PNG" * 1000
    assert (await client.get("/nothing.js")).status_code == 404


async def test_a_changed_file_is_sent_as_it_is_now(client: httpx.AsyncClient, folder: Path) -> None:
    before = await client.get("/large.js")
    (folder / "large.js").write_text(TEXT + "!")
    after = await client.get("/large.js", headers={"if-none-match": before.headers["etag"]})
    assert after.text == TEXT + "!"


async def test_only_releases_are_kept_and_a_worker_may_load_what_it_needs(client: httpx.AsyncClient) -> None:
    worker = await client.get("/vendor/x-1/x-worker.mjs")
    assert "immutable" in worker.headers["cache-control"]
    assert worker.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; connect-src")
    other = await client.get("/large.js")
    assert "cache-control" not in other.headers
    assert "content-security-policy" not in other.headers


def test_vendored_files_are_what_was_written_down() -> None:
    found = {path.relative_to(vendor.FOLDER).as_posix() for path in vendor.FOLDER.rglob("*") if path.is_file()}
    wanted = set()
    for package in vendor.manifest().packages:
        assert re.fullmatch(r"\d+\.\d+\.\d+", package.version), "a release, and exactly one"
        assert package.integrity.startswith("sha512-")
        assert any("LICENSE" in file for file in package.files)
        for file, digest in package.files.items():
            path = package.where(file)
            wanted.add(path.relative_to(vendor.FOLDER).as_posix())
            assert vendor.integrity(path.read_bytes()) == digest, f"{path}: python -m ops vendor"
    assert found == wanted
    assert json.loads(vendor.MANIFEST.read_text()) == vendor.manifest().model_dump()


def test_pages_load_the_release_that_is_there() -> None:
    named = set()
    for page in (*pages.WEB.glob("*.html"), *(pages.WEB / "static").glob("*/*.js")):
        for folder, file in re.findall(r"/static/vendor/([^/\"]+)/([^\"]+)", page.read_text()):
            assert (vendor.FOLDER / folder / file).is_file(), f"{page}: {folder}/{file}"
            named.add(folder)
    assert named == {package.folder for package in vendor.manifest().packages}


def test_the_map_is_less_than_a_megabyte_over_the_wire() -> None:
    loaded = [pages.WEB / "index.html", pages.WEB / "static" / "style.css", *vendor.FOLDER.rglob("*")]
    loaded += [*(pages.WEB / "static" / "mapa").iterdir(), *(pages.WEB / "static" / "status").glob("*.js")]
    size = sum(len(gzip.compress(path.read_bytes())) for path in loaded if path.is_file())
    assert 0 < size < PACKED_AT_MOST
