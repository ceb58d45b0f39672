"""The few requests that the workflows make of GitHub's REST API."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from ops.errors import OpsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_API = "https://api.github.com"
_SECONDS = 20
_RETRIES = 2
_PAGE = 100


@dataclass(frozen=True)
class GitHub:
    """One repository.

    Attributes:
        repository: `owner/name`.
        client: knows the address and the token.
        dry: told of each request that would write, instead of GitHub; then nothing is asked either.
    """

    repository: str
    client: httpx.Client
    dry: Callable[[str], None] | None = None

    def listed(self, path: str, **query: str) -> Iterator[dict[str, Any]]:
        """Every item of a list, over all its pages.

        Raises:
            OpsError: GitHub refused or did not answer.
        """
        if self.dry:
            return
        url: str | None = self._path(path)
        parameters: dict[str, str] | None = {"per_page": str(_PAGE), **query}
        while url:
            answer = self._request("GET", url, params=parameters)
            yield from answer.json()
            # The address of the next page carries its parameters.
            url, parameters = answer.links.get("next", {}).get("url"), None

    def write(self, method: str, path: str, body: dict[str, Any] | None = None) -> str:
        """One request that changes something; returns the address of what it made or changed.

        Raises:
            OpsError: GitHub refused or did not answer.
        """
        if self.dry:
            self.dry(f"{method} {self._path(path)}")
            for key, value in (body or {}).items():
                self.dry(f"{key}: {value}")
            return ""
        answer = self._request(method, self._path(path), json=body)
        return str(answer.json().get("html_url", "")) if answer.content else ""

    def _path(self, path: str) -> str:
        return f"/repos/{self.repository}/{path}"

    def _request(self, method: str, url: str, **more: Any) -> httpx.Response:
        try:
            answer = self.client.request(method, url, **more)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise OpsError(f"GitHub does not answer ({method} {url}): {error or type(error).__name__}") from None
        if answer.is_error:
            raise OpsError(f"GitHub refused {method} {url}: {answer.status_code} {_said(answer)}")
        return answer


def connect(dry: Callable[[str], None] | None = None) -> GitHub:
    """The repository of GITHUB_REPOSITORY, with the token of GITHUB_TOKEN; a dry run needs no token.

    Raises:
        OpsError: one of them is missing.
    """
    repository = os.environ.get("GITHUB_REPOSITORY", "")
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", repository):
        raise OpsError(f"GITHUB_REPOSITORY={repository}: expected owner/name")
    token = os.environ.get("GITHUB_TOKEN", "")
    if not token and not dry:
        raise OpsError("GITHUB_TOKEN is not set: a workflow hands it over, and --dry-run needs none")
    headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    client = httpx.Client(
        base_url=os.environ.get("GITHUB_API_URL") or _API,
        headers=headers,
        timeout=_SECONDS,
        transport=httpx.HTTPTransport(retries=_RETRIES),
    )
    return GitHub(repository, client, dry)


def _said(answer: httpx.Response) -> str:
    """GitHub's own words, on one line."""
    try:
        told = answer.json()["message"]
    except (ValueError, KeyError, TypeError):
        told = answer.reason_phrase
    return " ".join(str(told).split())
