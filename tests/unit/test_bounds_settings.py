"""The cache's settings as the app receives them."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from app.settings import PREFIX
from app.settings import Settings as AppSettings
from components import catalog
from components.settings import BoundsSettings, BreakerSettings, MapSettings
from tests.unit.stacks import context


def test_the_app_knows_every_variable_that_it_is_handed() -> None:
    known = {f"{PREFIX}{name.upper()}" for name in AppSettings.model_fields}
    assert set(catalog.service(context("local")).env) <= known


def test_both_have_the_same_defaults() -> None:
    for name, value in {**BoundsSettings().environment(), **MapSettings().environment()}.items():
        field = AppSettings.model_fields[name.removeprefix(PREFIX).lower()]
        assert float(value) == field.default, name


def test_what_is_set_reaches_the_app() -> None:
    breaker = BreakerSettings(failure_threshold=3, recovery_timeout_seconds=2.5)
    handed = BoundsSettings(ttl_seconds=60, copy_ttl_seconds=2, breaker=breaker).environment()
    assert handed["MUNDO_BOUNDS_TTL_S"] == "60"
    assert handed["MUNDO_L1_TTL_MS"] == "2000"
    assert handed["MUNDO_BREAKER_FAILURE_THRESHOLD"] == "3"
    assert handed["MUNDO_BREAKER_RECOVERY_TIMEOUT_S"] == "2.5"


def test_the_address_of_the_map_reaches_the_app_where_there_is_one() -> None:
    assert "MUNDO_PUBLIC_URL" not in MapSettings().environment()
    handed = MapSettings(public_url="https://mapa.fazenda.example/catalogo").environment()
    assert handed["MUNDO_PUBLIC_URL"] == "https://mapa.fazenda.example/catalogo"


@pytest.mark.parametrize("wrong", ["mapa.fazenda.example", "https://ana@mapa.example", "https://mapa.example/?a=1"])
def test_what_the_app_would_refuse_as_its_address_is_no_setting(wrong: str) -> None:
    with pytest.raises(ValidationError):
        MapSettings(public_url=wrong)
    others = {"postgres_host": "x", "postgres_password": "x", "sentinels": "x:1", "redis_password": "x"}
    with pytest.raises(ValidationError):
        AppSettings.model_validate({**others, "public_url": wrong})


def test_the_longest_times_fit_what_the_app_takes() -> None:
    longest = BoundsSettings(
        ttl_seconds=604_800, copy_ttl_seconds=86_400, copy_stale_seconds=604_800, copy_entries=200_000
    )
    values = {name.removeprefix(PREFIX).lower(): value for name, value in longest.environment().items()}
    others = {"postgres_host": "x", "postgres_password": "x", "sentinels": "x:1", "redis_password": "x"}
    assert AppSettings.model_validate(others | values).bounds_ttl_s == 604_800
