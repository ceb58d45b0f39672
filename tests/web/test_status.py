"""The status page in a real browser, before a real Prometheus that scrapes the real app."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from app.status.prometheus import DEADLINE_S
from dashboards import slo
from tests.web.stage import ALERT, RUNBOOK

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.web.conftest import Watch
    from tests.web.stage import Platform

PATIENCE_MS = 60_000
STATES = {
    "met": "Dentro da meta",
    "near": "Perto do limite",
    "missed": "Meta não cumprida",
    "unknown": "Sem dados",
}
FACTORS = {"%": 0.01, "ms": 0.001, "s": 1.0, "feições/s": 1.0}


@pytest.fixture
def status(page: Page, platform: Platform) -> Page:
    """The page, once it shows what there is."""
    until = time.monotonic() + PATIENCE_MS / 1000
    while not platform.ask(slo.by_name("search_mean").series):
        assert time.monotonic() < until, "Prometheus has no KPI"
        time.sleep(0.5)
    page.goto("/status")
    expect(card(page, "search_mean")).not_to_have_attribute("data-state", "unknown", timeout=PATIENCE_MS)
    # The first point of a chart may be half a minute later.
    chart = card(page, "search_mean").locator("svg.chart")
    expect(chart).to_have_attribute("aria-label", re.compile("de .+ a "), timeout=PATIENCE_MS)
    return page


def card(page: Page, name: str) -> Locator:
    """The card of a KPI."""
    return page.locator(f'.kpi[data-key="{name}"]')


def number(shown: str) -> float:
    """A value of the page in the KPI's unit."""
    found = re.fullmatch(r"([0-9.]+(?:,[0-9]+)?)\u00a0(\S+)", shown)
    assert found, shown
    return float(found[1].replace(".", "").replace(",", ".")) * FACTORS[found[2]]


def refreshed(page: Page) -> dict[str, Any]:
    """The next answer about the KPIs that the page gets, and shows."""
    with page.expect_response(re.compile(r"/v1/kpis$"), timeout=PATIENCE_MS) as answer:
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_load_state("networkidle")
    found: dict[str, Any] = answer.value.json()
    return found


def test_every_kpi_has_a_card_with_its_value_and_state(status: Page, platform: Platform) -> None:
    shown = {kpi["name"]: kpi for kpi in refreshed(status)["kpis"]}
    assert len(shown) == status.locator(".kpi").count() == len(slo.KPIS)
    known = 0
    for kpi in slo.KPIS:
        its = card(status, kpi.name)
        value = shown[kpi.name]["value"]
        state = kpi.state(value)
        expect(its.locator("h3")).to_have_text(kpi.titulo)
        expect(its.locator(".about")).to_have_text(kpi.descricao)
        expect(its).to_have_attribute("data-state", state)
        expect(its.locator(".state")).to_have_text(STATES[state])
        written = its.locator(".number").inner_text()
        if value is None:
            assert written == "—"
        else:
            known += 1
            assert number(written) == pytest.approx(value, rel=0.006), kpi.name
            assert kpi.met_by(number(written)) is kpi.met_by(value), "the digits shown are on the value's side"
        wanted = number(re.sub(r"^Meta: (menor que|pelo menos) ", "", its.locator(".target").inner_text()))
        assert wanted == pytest.approx(kpi.target)
    assert known >= 8, "too few to say that it works"


def test_values_are_those_of_prometheus(status: Page, platform: Platform) -> None:
    answered = {kpi["name"]: kpi for kpi in refreshed(status)["kpis"]}
    # What does not move while the test looks.
    for name in ("valid_geometries", "code_quality", "traceability", "partition_overhead"):
        (sample,) = platform.ask(slo.by_name(name).series)
        assert answered[name]["value"] == float(sample["value"][1])
    expect(card(status, "valid_geometries").locator(".number")).to_have_text("100\u00a0%")


def test_a_series_has_a_bounded_number_of_points_of_prometheus(status: Page, platform: Platform) -> None:
    for window, most in (("1h", 121), ("24h", 289)):
        page = httpx.get(f"{platform.url}/v1/kpis/series", params={"janela": window}).json()
        assert (page["end"] - page["start"]) / page["step"] + 1 == most
        assert set(page["series"]) == {kpi.name for kpi in slo.KPIS}
    one = httpx.get(f"{platform.url}/v1/kpis/valid_geometries/serie").json()
    assert one["prometheus"] == "ok"
    assert {value for _, value in one["points"]} == {1.0}
    assert all(one["start"] <= at <= one["end"] and at % one["step"] == 0 for at, _ in one["points"])


def alike(found: Any, shown: Any) -> bool:
    """Whether an answer has all that an example has, of the same kinds; what has no value now may be of any kind."""
    if found is None or shown is None:
        return True
    if isinstance(shown, dict):
        return isinstance(found, dict) and all(key in found and alike(found[key], shown[key]) for key in shown)
    if isinstance(shown, list):
        return isinstance(found, list) and (not found or not shown or alike(found[0], shown[0]))
    numbers = (int, float)
    return isinstance(found, numbers) if isinstance(shown, numbers) else type(found) is type(shown)


def test_examples_are_what_is_answered(platform: Platform) -> None:
    description = httpx.get(f"{platform.url}/openapi.json").json()
    templates = [path for path in description["paths"] if path.startswith(("/v1/kpis", "/v1/situacao"))]
    assert len(templates) == 5
    for template in templates:
        answer = httpx.get(f"{platform.url}{template.format(nome='valid_geometries')}").json()
        content = description["paths"][template]["get"]["responses"]["200"]["content"]["application/json"]
        shown = description["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]["example"]
        assert alike(answer, shown), f"{template}: {answer}"


def test_charts_show_the_hour_or_the_day(status: Page, watch: Watch) -> None:
    chart = card(status, "search_mean").locator("svg.chart")
    expect(chart).to_have_attribute(
        "aria-label", re.compile(r"^Tempo médio de busca na última hora: de .+ Meta: menor")
    )
    assert chart.locator(".line").get_attribute("d")
    box = chart.locator(".goal").bounding_box()
    assert box is not None
    assert box["width"] > 200
    status.get_by_text("Último dia").click()
    expect(chart).to_have_attribute("aria-label", re.compile("no último dia"))
    assert "/v1/kpis/series?janela=24h" in watch.asked
    status.get_by_text("Última hora").click()
    expect(chart).to_have_attribute("aria-label", re.compile("na última hora"))
    # A constant of the release has no course.
    assert card(status, "code_quality").locator("svg.chart").count() == 0


def test_the_keyboard_reads_a_chart(status: Page) -> None:
    its = card(status, "search_mean")
    its.locator("svg.chart").focus()
    status.keyboard.press("End")
    read = its.locator("[aria-live]")
    expect(read).to_have_text(re.compile(r"^\d\d:\d\d: [\d,]+\u00a0ms$"))
    expect(its.locator(".cursor")).to_be_visible()
    status.keyboard.press("Escape")
    expect(read).to_have_text("")
    its.locator("svg.chart").hover()
    expect(its.locator(".cursor text")).to_have_text(re.compile(r"^\d\d:\d\d: "))


def test_an_alert_says_what_to_do(status: Page) -> None:
    alert = status.locator(".alert", has_text=ALERT)
    expect(alert).to_have_attribute("data-state", "missed", timeout=PATIENCE_MS)
    expect(alert.locator(".state")).to_have_text("Crítico")
    expect(alert.locator("h3")).to_have_text("A test")
    # Texts are texts, whatever is in them.
    expect(alert.locator(".about")).to_have_text("It fires <b>always</b>.")
    expect(alert.get_by_role("link", name="O que fazer")).to_have_attribute("href", RUNBOOK)
    expect(status.locator("#verdict")).to_have_attribute("data-state", "missed")
    expect(status.locator("#verdict")).to_contain_text("alerta")
    expect(status.locator(".alert", has_text="Watchdog")).to_have_count(0)


def test_services_are_in_order(status: Page) -> None:
    for name in ("api", "postgres", "redis", "sentinel", "prometheus"):
        its = status.locator(f'.service[data-key="{name}"]')
        expect(its.locator(".state")).to_have_text("Em ordem", timeout=PATIENCE_MS)
    expect(status.locator('.service[data-key="redis"]')).to_contain_text("1 principal, 2 de 2 réplicas")
    expect(status.locator('.service[data-key="sentinel"]')).to_contain_text("3 de 3 respondem")


def test_partitions_are_listed_by_year(status: Page, platform: Platform) -> None:
    found = {
        sample["metric"]["partition"]: float(sample["value"][1])
        for sample in platform.ask("max by (partition) (pg_mundo_partition_bytes)")
    }
    rows = status.locator("#partitions tbody tr")
    expect(rows).to_have_count(len(found), timeout=PATIENCE_MS)
    years = sorted(name for name in found if name.isdigit())
    assert rows.locator("th").all_inner_texts()[: len(years)] == years
    first = rows.nth(0).locator("td").nth(0).inner_text()
    assert re.fullmatch(r"[\d,]+\u00a0(B|kB|MB)", first)
    expect(rows.nth(0).locator("svg.trend")).to_have_attribute("aria-label", re.compile(f"^{years[0]} na última hora"))


@pytest.mark.parametrize("how", ["stop", "pause"])
def test_without_prometheus_nothing_is_shown_as_known(status: Page, platform: Platform, how: str) -> None:
    with platform.without_prometheus(how):
        verdict = status.locator("#verdict")
        expect(verdict).to_contain_text("Prometheus não responde", timeout=PATIENCE_MS)
        expect(verdict).to_have_attribute("data-state", "unknown")
        expect(status.locator('.kpi[data-state="unknown"]')).to_have_count(len(slo.KPIS))
        assert set(status.locator(".kpi .number").all_inner_texts()) == {"—"}
        expect(status.locator(".alert")).to_have_count(0)
        expect(status.locator("#no-alerts")).to_contain_text("Não se sabe")
        states = {
            name: status.locator(f'.service[data-key="{name}"] .state').inner_text()
            for name in ("api", "postgres", "redis", "sentinel", "prometheus")
        }
        assert states == {
            "api": "Em ordem",
            "postgres": "Em ordem",
            "redis": "Em ordem",
            "sentinel": "Sem dados",
            "prometheus": "Fora do ar",
        }
        # Whoever comes next waits for nobody.
        started = time.monotonic()
        assert httpx.get(f"{platform.url}/v1/kpis").json()["prometheus"] == "away"
        assert time.monotonic() - started < DEADLINE_S
    expect(card(status, "valid_geometries")).to_have_attribute("data-state", "met", timeout=PATIENCE_MS)


def test_what_could_not_be_refreshed_is_no_news(status: Page, watch: Watch) -> None:
    status.context.set_offline(offline=True)
    status.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    trouble = status.locator("#trouble")
    expect(trouble).to_contain_text(re.compile(r"Não foi possível atualizar.* são das \d\d:\d\d"))
    expect(status.locator("body")).to_have_class(re.compile("stale"))
    status.context.set_offline(offline=False)
    expect(trouble).to_be_hidden(timeout=PATIENCE_MS)
    assert all("ERR_INTERNET_DISCONNECTED" in said for said in watch.found)
    watch.found.clear()


def test_it_refreshes_by_itself_and_rests_while_nobody_looks(page: Page, watch: Watch) -> None:
    page.clock.install()
    page.goto("/status")
    expect(page.locator("#updated")).to_have_text(re.compile("^atualizado há"))
    page.wait_for_load_state("networkidle")

    def asked() -> int:
        return watch.asked.count("/v1/kpis")

    before = asked()
    page.clock.run_for(15_000)
    expect(page.locator("#updated")).to_have_text(re.compile("^atualizado há 0"))
    assert asked() == before + 1
    page.clock.run_for(7_000)
    expect(page.locator("#updated")).to_have_text(re.compile("^atualizado há 7"))
    page.evaluate("Object.defineProperty(document, 'hidden', {get: () => true, configurable: true})")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.clock.run_for(120_000)
    assert asked() == before + 1
    with page.expect_response(re.compile(r"/v1/kpis$")):
        page.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")


def test_cards_stay_where_they_are(status: Page) -> None:
    """Nothing flickers: a refresh changes texts, and no element is another than before."""
    status.evaluate("window.before = [...document.querySelectorAll('.kpi, .service, .alert, svg.chart')]")
    refreshed(status)
    assert status.evaluate("before.every((node) => node.isConnected)")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_everybody_can_use_it(status: Page, scheme: Any, width: int) -> None:
    status.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    status.set_viewport_size({"width": width, "height": 800})
    assert status.evaluate("document.documentElement.scrollWidth") <= width, "it can be read without scrolling sideways"
    found = Axe().run(status)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("path", ["/ajuda", "/ajuda/qgis"])
def test_everybody_can_read_the_help(page: Page, watch: Watch, path: str) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_the_landing_page_leads_there(page: Page, watch: Watch) -> None:
    page.goto("/")
    page.get_by_role("link", name="Situação").click()
    expect(page).to_have_url(re.compile("/status$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Situação")


def test_its_own_questions_are_not_the_apis(status: Page, platform: Platform) -> None:
    refreshed(status)
    time.sleep(5)
    own = platform.ask('count(mundo_http_requests_total{route=~"/v1/(kpis|situacao).*"})')
    assert float(own[0]["value"][1]) >= 4
    counted = {
        sample["metric"]["route"]
        for sample in platform.ask(f"count by (route) (mundo_http_requests_total{{{slo.API_ROUTES}}})")
    }
    assert counted >= {"/v1/catalogo", "/v1/catalogo/{catalogo_id}/bounds"}
    assert not any(route.startswith(("/v1/kpis", "/v1/situacao")) for route in counted)
