"""A small server that answers like GitHub's REST API where issues and their comments are concerned."""

from __future__ import annotations

import contextlib
import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = "farm/mundo"
TOKEN = "unit-test-token"
_ITEM = re.compile(rf"/repos/{REPOSITORY}/(issues/comments|issues)/(\d+)")
_LIST = re.compile(rf"/repos/{REPOSITORY}/(issues/(\d+)/comments|issues)")


@dataclass
class Repository:
    """What the repository holds, and every request that was made of it."""

    url: str = ""
    issues: list[dict[str, Any]] = field(default_factory=list)
    comments: list[dict[str, Any]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    refuses_writes: bool = False
    _last: int = 0

    def add(self, items: list[dict[str, Any]], body: str | None, **more: Any) -> dict[str, Any]:
        """One more issue or comment."""
        self._last += 1
        address = f"https://github.example/{self._last}"
        item = {"id": self._last, "number": self._last, "body": body, "state": "open", "html_url": address, **more}
        items.append(item)
        return item

    @property
    def writes(self) -> list[str]:
        """The requests that were no questions."""
        return [one for one in self.requests if not one.startswith("GET")]


class _Server(ThreadingHTTPServer):
    """Holds the repository that its handlers answer for."""

    def __init__(self, repository: Repository) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.repository = repository


class _Handler(BaseHTTPRequestHandler):
    """One request."""

    server: _Server

    def do_GET(self) -> None:
        """A page of a list."""
        path, _ = self._heard()
        on = _LIST.fullmatch(path)
        if on is None:
            return
        query = {key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()}
        found = [
            one
            for one in self._items(path)
            if query.get("state") in {None, one["state"]} and one.get("on") in {None, int(on[2] or 0)}
        ]
        size, page = int(query["per_page"]), int(query.get("page", 1))
        following = "&".join(f"{key}={value}" for key, value in {**query, "page": page + 1}.items())
        link = f'<{self.server.repository.url}{path}?{following}>; rel="next"' if len(found) > page * size else ""
        self._answer(200, found[(page - 1) * size : page * size], link)

    def do_POST(self) -> None:
        """One more issue or comment."""
        path, body = self._heard()
        on = _LIST.fullmatch(path)
        if on:
            where: dict[str, Any] = {"on": int(on[2])} if on[2] else {}
            self._answer(201, self.server.repository.add(self._items(path), **body, **where))

    def do_PATCH(self) -> None:
        """Another body or state."""
        path, body = self._heard()
        if path:
            self._item(path).update(body)
            self._answer(200, self._item(path))

    def do_DELETE(self) -> None:
        """A comment goes."""
        path, _ = self._heard()
        if path:
            self.server.repository.comments.remove(self._item(path))
            self._answer(204)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""

    def _heard(self) -> tuple[str, dict[str, Any]]:
        """Path and body; without a path where the request is refused, which then has its answer."""
        repository, path = self.server.repository, urlsplit(self.path).path
        repository.requests.append(f"{self.command} {path}")
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            self._answer(401, {"message": "Bad credentials"})
        elif repository.refuses_writes and self.command != "GET":
            self._answer(403, {"message": "Resource not accessible\nby integration"})
        elif not (_LIST.fullmatch(path) or _ITEM.fullmatch(path)):
            self._answer(404, {"message": "Not Found"})
        else:
            return path, body
        return "", {}

    def _answer(self, status: int, body: Any = None, link: str = "") -> None:
        text = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        if link:
            self.send_header("Link", link)
        self.end_headers()
        self.wfile.write(text)

    def _items(self, path: str) -> list[dict[str, Any]]:
        repository = self.server.repository
        return repository.comments if "comments" in path else repository.issues

    def _item(self, path: str) -> dict[str, Any]:
        match = _ITEM.fullmatch(path)
        assert match, path
        return next(one for one in self._items(path) if one["id"] == int(match[2]))


@contextlib.contextmanager
def github_server() -> Iterator[Repository]:
    """The server, as long as the block lasts."""
    repository = Repository()
    with _Server(repository) as server:
        repository.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield repository
        server.shutdown()
