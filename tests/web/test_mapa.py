"""The map in a real browser, over the real service: search, picking, layers, links, a phone, and everybody's needs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.web import farm
from tests.web.map_page import at, colour, drawn, fact, found, numbered, opened

if TYPE_CHECKING:
    from playwright.sync_api import Page, ViewportSize

    from tests.web.conftest import Watch
    from tests.web.stage import Platform

PHONE: ViewportSize = {"width": 390, "height": 800}


def test_the_farm_is_seen_at_once(mapa: Page, catalogue: Platform, watch: Watch) -> None:
    opened(mapa)
    overview = httpx.get(f"{catalogue.url}/v1/mapa").json()
    rows = mapa.locator("#camadas li")
    expect(rows).to_have_count(len(overview["categorias"]))
    for row, category in zip(rows.all(), overview["categorias"], strict=True):
        expect(row).to_have_attribute("data-key", category["id"])
        expect(row.locator(".layer-count")).to_have_text(str(category["feicoes"]))
        expect(row.get_by_role("checkbox")).to_be_checked()
    expect(rows.get_by_text("Perímetro")).to_be_visible()
    expect(mapa.locator("#camadas-resumo")).to_have_text(re.compile(rf"^{overview['total']} feições em"))
    expect(mapa.locator("#aviso")).to_be_hidden()
    assert any(re.fullmatch(r"/ogc/tiles/WebMercatorQuad/\d+/\d+/\d+", asked) for asked in watch.asked)
    assert watch.asked.count("/v1/mapa") == 1, "what was asked for early is what is used"
    # The address tells the whole view, and the header where one is.
    expect(mapa).to_have_url(re.compile(r"#v=\d+\.\d\d/-17\.\d+/-43\.\d+$|#v=\d+\.\d\d/-17\.\d+/-44\.\d+$"))
    expect(mapa.locator("[aria-current=page]")).to_have_text("Mapa")


def test_a_click_tells_everything_of_the_smallest_thing_there(mapa: Page, catalogue: Platform) -> None:
    opened(mapa, f"/#{at(farm.LAKE, 15)}")
    drawn(mapa).click()
    panel = mapa.locator("#ficha")
    expect(panel.get_by_role("heading")).to_have_text(farm.LAKE.name)
    number = numbered(catalogue, farm.LAKE.name)
    told = httpx.get(f"{catalogue.url}/v1/mapa/feicoes/{number}").json()["properties"]
    hectares = f"{told['area_m2'] / 10_000:.2f}".replace(".", ",")
    expect(fact(mapa, "Área")).to_have_text(f"{hectares}\u00a0ha")
    expect(fact(mapa, "Perímetro")).to_have_text(f"{told['perimetro_m'] / 1000:.3f}\u00a0km".replace(".", ","))
    expect(fact(mapa, "Geometria")).to_have_text("✓ Válida")
    expect(fact(mapa, "Arquivo de origem")).to_have_text("fazenda.geojson")
    expect(fact(mapa, "Importação")).to_have_text(re.compile(rf"^nº {told['importacao_id']}, \d\d/\d\d/\d\d\d\d"))
    # It announces itself by taking the focus.
    expect(mapa.locator("#ficha-titulo")).to_be_focused()
    mapa.locator("#ficha summary").click()
    expect(fact(mapa, "layer_name")).to_have_text("LAGOA_05")
    mapa.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    # Two lie on each other: what is picked is one of them, and not the paddock around both.
    opened(mapa, f"/#{at(farm.FOREST, 15.5)}")
    drawn(mapa).click()
    expect(panel.get_by_role("heading")).to_have_text(re.compile("^(Mata do Fundo|Reserva 1)$"))


def test_the_search_finds_while_one_types_and_goes_there(mapa: Page, catalogue: Platform, watch: Watch) -> None:
    opened(mapa)
    field = mapa.get_by_role("combobox", name="Buscar no mapa")
    field.press_sequentially("lagoa gra", delay=30)
    option = found(mapa, "Lagoa Grande")
    expect(option).to_be_visible()
    asked = [path for path in watch.asked if path.startswith("/v1/catalogo?")]
    assert len(asked) < len("lagoa gra"), "not every key is a question"
    expect(field).to_have_attribute("aria-expanded", "true")
    field.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", str(option.get_attribute("id")))
    expect(option).to_have_attribute("aria-selected", "true")
    field.press("Enter")
    expect(mapa.locator("#ficha-titulo")).to_have_text("Lagoa Grande")
    drawn(mapa)
    lat, lon = farm.LAKE.middle
    zoom, south, west = map(float, mapa.url.rpartition("v=")[2].split("/"))
    assert south == pytest.approx(lat, abs=0.002)
    # The panel covers the right: what is shown lies left of it.
    assert lon < west < lon + 0.02
    assert zoom > 13
    assert f"f={numbered(catalogue, 'Lagoa Grande')}&" in mapa.url
    field.fill("nada disto existe aqui 000")
    expect(mapa.locator("#achados-resumo")).to_contain_text("Nada encontrado")
    expect(field).to_have_attribute("aria-expanded", "false")
    field.press("Escape")
    expect(field).to_have_value("")


def test_an_older_question_never_wins(mapa: Page) -> None:
    opened(mapa)
    mapa.evaluate("""window.real = fetch; window.fetch = async (path, options) => {
        const answer = await real(path, options);
        if (String(path).includes("query=lago")) await new Promise((done) => setTimeout(done, 1500));
        return answer;
    }; undefined""")
    field = mapa.get_by_role("combobox", name="Buscar no mapa")
    with mapa.expect_request(re.compile("query=lago")):
        field.fill("lago")
    field.fill("ramal")
    expect(found(mapa)).to_have_text([re.compile("Ramal Norte")])
    mapa.wait_for_timeout(2000)
    expect(found(mapa)).to_have_text([re.compile("Ramal Norte")])


def test_everything_can_be_listed_page_by_page(mapa: Page) -> None:
    opened(mapa)
    mapa.get_by_role("button", name="Listar tudo").click()
    options = found(mapa)
    expect(options).to_have_count(30)
    mapa.get_by_role("button", name="Mostrar mais").click()
    expect(options).to_have_count(48)
    ids = [option.get_attribute("id") for option in options.all()]
    assert len(set(ids)) == len(ids)
    expect(mapa.get_by_role("button", name="Mostrar mais")).to_be_hidden()


def test_a_layer_is_switched_off_and_on(mapa: Page) -> None:
    opened(mapa, f"/#{at(farm.LAKE, 15)}")
    with_lake = colour(mapa)
    switch = mapa.get_by_role("checkbox", name=re.compile("^Lagoa"))
    switch.uncheck()
    without = colour(mapa)
    assert without != with_lake
    expect(mapa).to_have_url(re.compile("&c=lagoa$"))
    drawn(mapa).click()
    expect(mapa.locator("#ficha-titulo")).to_have_text("Divisa")
    mapa.locator("#fechar").click()
    # Its colleague sees the same.
    mapa.reload()
    assert colour(mapa) == without
    expect(switch).not_to_be_checked()
    mapa.get_by_role("button", name="Mostrar todas").click()
    assert colour(mapa) == with_lake
    expect(mapa).not_to_have_url(re.compile("c="))


def test_a_switch_asks_for_no_tile(mapa: Page, watch: Watch) -> None:
    opened(mapa)
    before = len([path for path in watch.asked if path.startswith("/ogc/")])
    mapa.get_by_role("button", name="Ocultar todas").click()
    drawn(mapa)
    mapa.get_by_role("button", name="Mostrar todas").click()
    drawn(mapa)
    assert len([path for path in watch.asked if path.startswith("/ogc/")]) == before


def test_a_link_opens_the_same_view(mapa: Page, catalogue: Platform) -> None:
    number = numbered(catalogue, farm.LAKE.name)
    address = f"/#f={number}&v=14.50/-17.38700/-43.93600&c=mata"
    opened(mapa, address)
    expect(mapa.locator("#ficha-titulo")).to_have_text(farm.LAKE.name)
    expect(mapa.get_by_role("checkbox", name=re.compile("^Mata"))).not_to_be_checked()
    assert mapa.url.endswith(address), "and says it again"
    mapa.context.grant_permissions(["clipboard-read", "clipboard-write"])
    mapa.get_by_role("button", name="Copiar link").click()
    expect(mapa.get_by_role("button", name="Link copiado")).to_be_visible()
    assert mapa.evaluate("navigator.clipboard.readText()") == mapa.url
    # Another one typed over it, and a feature alone: it is gone to.
    mapa.evaluate(f"location.hash = '#f={numbered(catalogue, farm.WELL.name)}'")
    expect(mapa.locator("#ficha-titulo")).to_have_text(farm.WELL.name)
    expect(mapa.get_by_role("checkbox", name=re.compile("^Mata"))).to_be_checked()
    expect(mapa).to_have_url(re.compile(r"&v=17\.50/-17\.4099\d*/-43\.92"))
    # What makes no sense is left out.
    mapa.goto("about:blank")
    opened(mapa, "/#f=0x1&v=99/1/1&c=%3Cb%3E,,mata")
    expect(mapa.locator("#ficha")).to_be_hidden()
    expect(mapa.get_by_role("checkbox", name=re.compile("^Mata"))).not_to_be_checked()


def test_a_link_to_what_is_gone_says_so(mapa: Page, watch: Watch) -> None:
    opened(mapa, "/#f=999999999")
    expect(mapa.locator("#ficha-aviso")).to_have_text("Esta feição não existe mais.")
    assert all("404" in said for said in watch.found)
    watch.found.clear()


def test_names_are_text(mapa: Page) -> None:
    opened(mapa)
    mapa.get_by_role("combobox", name="Buscar no mapa").fill("onerror")
    option = found(mapa)
    expect(option.locator(".found-name")).to_have_text(farm.MARKUP)
    option.click()
    expect(mapa.locator("#ficha-titulo")).to_have_text(farm.MARKUP)
    expect(mapa.locator("#ficha img, #achados img")).to_have_count(0)
    assert mapa.evaluate("window.hacked") is None


def test_what_is_shown_can_be_downloaded(mapa: Page, catalogue: Platform) -> None:
    opened(mapa)
    link = mapa.get_by_role("link", name="GeoJSON")
    mapa.get_by_role("combobox", name="Buscar no mapa").fill("lagoa")
    expect(mapa.locator("#baixar option:checked")).to_have_text("Busca: “lagoa”")
    expect(link).to_have_attribute("href", "/v1/exportacao.geojson?query=lagoa")
    mapa.locator("#baixar").select_option(label="Lagoa")
    expect(link).to_have_attribute("href", "/v1/exportacao.geojson?categoria=LAGOA")
    for kind in ("GeoJSON", "GeoPackage", "CSV"):
        with mapa.expect_download() as loaded:
            mapa.get_by_role("link", name=kind).click()
        assert loaded.value.failure() is None
    got = httpx.get(f"{catalogue.url}{link.get_attribute('href')}").json()
    assert [feature["properties"]["nome"] for feature in got["features"]] == [farm.LAKE.name]


def test_the_keyboard_does_all(mapa: Page) -> None:
    opened(mapa, f"/#{at(farm.LAKE, 15)}")
    mapa.keyboard.press("Tab")
    expect(mapa.get_by_role("link", name="Ir para a busca")).to_be_focused()
    mapa.keyboard.press("Enter")
    expect(mapa.get_by_role("combobox", name="Buscar no mapa")).to_be_focused()
    canvas = mapa.locator("#mapa canvas")
    canvas.focus()
    mapa.keyboard.press("Shift+Tab")
    mapa.keyboard.press("Tab")
    expect(mapa.locator(".aim")).to_be_visible()
    mapa.keyboard.press("Enter")
    expect(mapa.locator("#ficha-titulo")).to_have_text(farm.LAKE.name)
    mapa.keyboard.press("Escape")
    expect(canvas).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [{"width": 1280, "height": 900}, PHONE], ids=["desktop", "phone"])
def test_everybody_can_use_it(mapa: Page, catalogue: Platform, scheme: Any, size: Any) -> None:
    mapa.emulate_media(color_scheme=scheme)
    mapa.set_viewport_size(size)
    opened(mapa)
    mapa.get_by_role("combobox", name="Buscar no mapa").fill("lago")
    expect(found(mapa).first).to_be_visible()
    assert mapa.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert_fit(mapa)
    mapa.goto("about:blank")
    opened(mapa, f"/#f={numbered(catalogue, farm.LAKE.name)}")
    expect(fact(mapa, "Arquivo de origem")).to_be_visible()
    assert_fit(mapa)


def assert_fit(page: Page) -> None:
    """Say what axe finds."""
    told = Axe().run(page)
    assert told.violations_count == 0, told.generate_report()


def test_a_phone_shows_the_map_first(mapa: Page) -> None:
    mapa.set_viewport_size(PHONE)
    opened(mapa)
    legend = mapa.locator("#camadas")
    expect(legend).to_be_hidden()
    handle = mapa.get_by_role("button", name="Busca e camadas")
    handle.click()
    expect(legend).to_be_visible()
    expect(handle).to_have_attribute("aria-expanded", "true")
    mapa.get_by_role("combobox", name="Buscar no mapa").fill("ramal")
    found(mapa).first.click()
    expect(legend).to_be_hidden()
    expect(mapa.locator("#ficha-titulo")).to_have_text("Ramal Norte")
    expect(fact(mapa, "Comprimento")).to_be_visible()
    box, view = mapa.locator("#ficha").bounding_box(), mapa.locator(".view").bounding_box()
    assert box
    assert view
    assert box["y"] + box["height"] == pytest.approx(view["y"] + view["height"], abs=2), "it comes from below"
    assert box["y"] - view["y"] > view["height"] / 3, "and leaves the map in sight"


def test_colours_follow_the_device(mapa: Page) -> None:
    opened(mapa, f"/#{at(farm.LAKE, 15)}")
    light = colour(mapa)
    mapa.emulate_media(color_scheme="dark")
    expect(mapa.locator("#camadas li")).not_to_have_count(0)
    mapa.wait_for_timeout(300)
    assert colour(mapa) != light
