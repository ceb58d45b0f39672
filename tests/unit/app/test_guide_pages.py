"""The guides as pages of the app: they lead only to what is there, and the image has them."""

import re

import httpx
import pytest

from app.guides import FOLDER, GUIDES, HELP, Guide, content
from app.main import create_app
from app.settings import Settings
from images.content import ROOT, inputs

_ADDRESS = "http://fazenda.example:8443"


@pytest.fixture
def client() -> httpx.AsyncClient:
    """A client of an app that has not connected to anything."""
    values = {"postgres_host": "127.0.0.1", "postgres_port": 1, "sentinels": "127.0.0.1:1"}
    secrets = {"postgres_password": "x", "redis_password": "x"}
    app = create_app(Settings.model_validate({**values, **secrets}))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=_ADDRESS)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.path)
async def test_a_guide_is_shown_whole_and_leads_to_what_is_there(client: httpx.AsyncClient, guide: Guide) -> None:
    answer = await client.get(guide.path)
    assert answer.status_code == 200
    assert f'<main lang="{guide.language}">' in answer.text
    source = (FOLDER / guide.file).read_text(encoding="utf-8")
    assert answer.text.count("<h2>") == len(re.findall(r"^## ", source, flags=re.MULTILINE))
    assert answer.text.count("<table>") == len(re.findall(r"^\|---", source, flags=re.MULTILINE))
    assert "<!--" not in answer.text
    assert "127.0.0.1" not in answer.text
    links = set(re.findall(r'href="([^"]+)"', answer.text))
    assert not [link for link in links if ".md" in link]
    for link in links:
        if not link.startswith("https://"):
            assert (await client.get(link)).status_code == 200, link
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")


async def test_addresses_are_the_readers(client: httpx.AsyncClient) -> None:
    assert f"{_ADDRESS}/ogc" in (await client.get(f"{HELP}/qgis")).text
    assert '"><script>' not in content(GUIDES[1], '"><script>')


async def test_an_unknown_guide_is_named_beside_those_there_are(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"{HELP}/foo")
    assert answer.status_code == 404
    assert answer.json()["detail"] == "there is no guide foo: /ajuda is the map's, /ajuda/qgis that of map programs"


def test_the_image_has_them() -> None:
    assert {(FOLDER / guide.file).relative_to(ROOT) for guide in GUIDES} <= set(inputs("catalog"))
