"""The map while something is missing: data, Postgres, Redis, WebGL."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import psycopg
import pytest
from playwright.sync_api import expect

from tests.web import farm
from tests.web.map_page import PATIENCE_MS, at, begun, colour, drawn, eventually, fact, found, opened

if TYPE_CHECKING:
    from playwright.sync_api import Page, Request, Route

    from tests.web.conftest import Watch
    from tests.web.stage import Platform

LOOK = "document.dispatchEvent(new Event('visibilitychange'))"


def test_an_empty_catalogue_says_so_and_fills_by_itself(mapa: Page, catalogue: Platform) -> None:
    with psycopg.connect(catalogue.cell.conninfo("owner"), autocommit=True) as owner:
        owner.execute("UPDATE catalogo SET status = 'inativo' WHERE status = 'ativo'")
        try:
            mapa.goto("/")
            expect(mapa.locator("#aviso")).to_contain_text("Nenhuma camada ainda", timeout=PATIENCE_MS)
            expect(mapa.locator("#camadas li")).to_have_count(0)
        finally:
            owner.execute("UPDATE catalogo SET status = 'ativo' WHERE status = 'inativo'")
            owner.execute("SELECT fold_catalogo_changes(NULL, true)")
    mapa.evaluate(LOOK)
    expect(mapa.locator("#camadas li")).not_to_have_count(0, timeout=PATIENCE_MS)
    drawn(mapa)
    expect(mapa.locator("#aviso")).to_be_hidden()


def test_without_postgres_what_is_seen_stays_and_it_comes_back(mapa: Page, catalogue: Platform, watch: Watch) -> None:
    opened(mapa, f"/#{at(farm.LAKE, 15)}")
    before = colour(mapa)
    layers = mapa.locator("#camadas li").count()
    trouble = mapa.locator("#problema")
    with catalogue.without("postgres"):
        mapa.get_by_role("combobox", name="Buscar no mapa").fill("lagoa")
        expect(mapa.locator("#achados-resumo")).to_contain_text("não respondeu", timeout=PATIENCE_MS)
        # A place whose tiles were never asked for.
        mapa.evaluate(f"location.hash = '#{at(farm.WELL, 19.5)}'")
        expect(trouble).to_contain_text("O que já está no mapa continua visível", timeout=PATIENCE_MS)
        expect(mapa.locator("#camadas li")).to_have_count(layers)
        mapa.evaluate(f"location.hash = '#{at(farm.LAKE, 15)}'")
        mapa.wait_for_timeout(500)
        assert colour(mapa) == before
    expect(trouble).to_be_hidden(timeout=PATIENCE_MS)
    expect(found(mapa, "Lagoa Grande")).to_be_visible(timeout=PATIENCE_MS)
    assert all("503" in said for said in watch.found), watch.found
    watch.found.clear()


def test_a_tile_that_did_not_come_is_asked_for_again(mapa: Page, watch: Watch) -> None:
    asked: list[str] = []

    def once(route: Route) -> None:
        asked.append(route.request.url)
        # First for the picture of the farm, then for the map.
        if asked.count(asked[0]) <= 2 and asked[-1] == asked[0]:
            route.fulfill(status=503, body="later")
        else:
            route.continue_()

    mapa.route("**/ogc/tiles/**", once)
    mapa.goto("/")
    expect(mapa.locator("#problema")).to_contain_text("Nova tentativa", timeout=PATIENCE_MS)
    expect(mapa.locator("#problema")).to_be_hidden(timeout=PATIENCE_MS)
    drawn(mapa)
    assert asked.count(asked[0]) == 3
    mapa.wait_for_timeout(6_000)
    assert asked.count(asked[0]) == 3, "what has come is left alone"
    assert all("503" in said for said in watch.found), watch.found
    watch.found.clear()


def test_a_page_that_began_without_postgres_fills_when_it_is_back(
    mapa: Page, catalogue: Platform, watch: Watch
) -> None:
    with catalogue.without("postgres"):
        mapa.goto("/")
        expect(mapa.locator("#problema, #camadas li").first).to_be_visible(timeout=PATIENCE_MS)
    expect(mapa.locator("#camadas li")).not_to_have_count(0, timeout=PATIENCE_MS)
    drawn(mapa)
    expect(mapa.locator("#problema")).to_be_hidden(timeout=PATIENCE_MS)
    watch.found.clear()


def test_without_redis_nothing_is_missing(mapa: Page, catalogue: Platform) -> None:
    with catalogue.without(*(name for name in catalogue.cell.running if name.startswith(("redis-", "sentinel-")))):
        opened(mapa)
        mapa.get_by_role("combobox", name="Buscar no mapa").fill("lagoa gra")
        found(mapa).first.click()
        expect(mapa.locator("#ficha-titulo")).to_have_text("Lagoa Grande")
        expect(fact(mapa, "Área")).to_contain_text("ha")
        expect(mapa.locator("#problema")).to_be_hidden()


def test_without_webgl_the_list_still_works(mapa: Page) -> None:
    mapa.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    begun(mapa)
    expect(mapa.locator("#aviso")).to_contain_text("não consegue desenhar o mapa")
    mapa.get_by_role("combobox", name="Buscar no mapa").fill("lagoa gra")
    found(mapa).first.click()
    expect(mapa.locator("#ficha-titulo")).to_have_text("Lagoa Grande")
    expect(mapa).to_have_title(re.compile("^Mapa"))


@pytest.mark.parametrize("path", ["/", "/status", "/ajuda"])
def test_pages_share_one_header_and_lead_to_each_other(mapa: Page, path: str) -> None:
    mapa.goto(path)
    links = mapa.locator("header.site nav a")
    targets = ("/", "/status", "/ajuda", "/docs")
    expect(links).to_have_count(len(targets))
    for number, target in enumerate(targets):
        expect(links.nth(number)).to_have_attribute("href", target)
    expect(mapa.locator("header.site [aria-current=page]")).to_have_attribute("href", path)


@pytest.mark.parametrize("path", ["/", "/status"])
def test_a_page_whose_script_did_not_come_is_loaded_again(
    page: Page, catalogue: Platform, watch: Watch, path: str
) -> None:
    assert catalogue.url

    def lose(route: Route, _request: Request) -> None:
        # A browser may ask twice for what it was told to expect.
        if watch.asked.count(path) <= 2:
            route.abort("failed")
        else:
            route.continue_()

    page.route("**/dom.js", lose)
    page.goto(path)
    expect(page.locator("#mapa[aria-busy=false], #updated:has-text('atualizado há')")).to_be_visible(
        timeout=PATIENCE_MS
    )
    assert watch.asked.count(path) == 3
    assert page.evaluate("sessionStorage.length") == 0
    assert all("ERR_FAILED" in said for said in watch.found), watch.found
    watch.found.clear()


def test_a_page_that_never_gets_its_script_is_left_alone_in_the_end(page: Page, watch: Watch) -> None:
    page.route("**/dom.js", lambda route: route.abort("failed"))
    page.goto("/status")
    eventually(page, lambda: watch.asked.count("/status") >= 4)
    page.wait_for_timeout(3_000)
    assert watch.asked.count("/status") == 4
    watch.found.clear()
