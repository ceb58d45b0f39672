"""OGC API Features behind other addresses, and under a statement timeout."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.integration.app_parts import serving, settings_for

if TYPE_CHECKING:
    from app.settings import Address
    from tests.integration.ogc_parts import Asker

pytest_plugins = ["tests.integration.conftest_ogc"]


@pytest.mark.parametrize("host", ["exa mple", "a/b", "[::1", "a:b", "'><script>", "x" * 300])
def test_a_host_that_is_none_makes_no_links(ask: Asker, host: str) -> None:
    answer = ask.client.get("/ogc", headers={"Host": host})
    if answer.status_code == 200:
        assert {link["href"][0] for link in answer.json()["links"]} == {"/"}
    else:
        assert answer.status_code == 400


async def test_links_name_the_address_that_people_know(
    postgres_app: str, redis_sentinels: list[Address], redis_password: str
) -> None:
    known = settings_for(postgres_app, redis_sentinels, redis_password, public_url="https://mapa.fazenda.example/")
    async with serving(known) as client:
        links = (await client.get("/ogc")).json()["links"]
        assert {link["href"].partition("/ogc")[0].partition("/docs")[0] for link in links} == {
            "https://mapa.fazenda.example"
        }


async def test_a_query_that_takes_too_long_is_ended_and_told(
    postgres_app: str, redis_sentinels: list[Address], redis_password: str, ask: Asker
) -> None:
    del ask
    hurried = settings_for(postgres_app, redis_sentinels, redis_password, postgres_statement_timeout_ms=1)
    async with serving(hurried) as client:
        slow = " OR ".join(f"S_INTERSECTS(geom, POINT({-44 + n / 1000} -17))" for n in range(150))
        answer = await client.get("/ogc/collections/feicoes/items", params={"filter": slow})
        assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
        assert "took too long" in answer.json()["detail"] or "database" in answer.json()["detail"]
        assert math.isfinite(float(answer.headers["retry-after"]))
