"""Settings: what is read, and how a wrong value is explained."""

from pathlib import Path

import pytest

from app.settings import SettingsError, load_settings, parse_addresses, unknown_variables

_PROMETHEUS = "http://host:port of Prometheus without a login, or nothing: the status page has no numbers"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A complete environment; gives the folder of the secret files."""
    for name, value in {
        "POSTGRES_HOST": "10.0.0.2",
        "SENTINELS": "10.0.0.11:26379, 10.0.0.12:26379",
        "SECRETS_DIR": str(tmp_path),
    }.items():
        monkeypatch.setenv(f"MUNDO_{name}", value)
    (tmp_path / "postgres_password").write_text("pg-secret\n")
    (tmp_path / "redis_password").write_text("redis-secret")
    return tmp_path


def test_values_and_secret_files_are_read(environment: Path) -> None:
    settings = load_settings()
    assert settings.postgres_host == "10.0.0.2"
    assert settings.sentinel_addresses == (("10.0.0.11", 26379), ("10.0.0.12", 26379))
    assert settings.postgres_password.get_secret_value() == "pg-secret"
    assert settings.redis_password.get_secret_value() == "redis-secret"
    assert settings.breaker_failure_threshold == 5
    assert settings.breaker_recovery_timeout_s == 60
    assert settings.bounds_ttl_s == 24 * 3600
    assert "secret" not in repr(settings).replace("secrets", "").replace("SecretStr", "")


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("POSTGRES_PORT", "70000", "a port from 1 to 65535"),
        ("POSTGRES_PORT", "x", "a port from 1 to 65535"),
        ("POSTGRES_HOST", "", "a host name or an address"),
        ("SENTINELS", "10.0.0.1", "addresses host:port, separated by commas"),
        ("SENTINELS", "10.0.0.1:0", "addresses host:port, separated by commas"),
        ("SENTINELS", "10.0.0.1:²", "addresses host:port, separated by commas"),
        ("SENTINELS", "", "addresses host:port, separated by commas"),
        ("LOG_LEVEL", "LOUD", "DEBUG, INFO, WARNING or ERROR"),
        ("BREAKER_RECOVERY_TIMEOUT_S", "nan", "seconds above 0, up to 3600"),
        ("REDIS_DEADLINE_MS", "0", "milliseconds from 1 to 600000"),
        *(("PROMETHEUS_URL", text, _PROMETHEUS) for text in ("10.0.0.2:9090", "ftp://a", "http://", "http://a:x", "")),
        ("PROMETHEUS_INTERVAL_S", "301", "seconds from 1 to 300"),
    ],
)
def test_refusal_names_key_value_and_what_is_allowed(
    environment: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, allowed: str
) -> None:
    monkeypatch.setenv(f"MUNDO_{name}", value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    text = str(caught.value)
    assert "\n" not in text
    assert text.startswith(f"MUNDO_{name}={value!r}: ")
    assert text.endswith(f"allowed: {allowed}")


def test_everything_wrong_is_told_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MUNDO_SECRETS_DIR", str(tmp_path / "none"))
    with pytest.raises(SettingsError) as caught:
        load_settings()
    text = str(caught.value)
    for what in (
        "MUNDO_POSTGRES_HOST: missing",
        "MUNDO_SENTINELS: missing",
        f"{tmp_path}/none/redis_password: missing",
    ):
        assert what in text


def test_empty_secret_is_refused_without_showing_it(environment: Path) -> None:
    (environment / "postgres_password").write_text("")
    with pytest.raises(SettingsError, match=str(environment / "postgres_password")):
        load_settings()


def test_secret_in_the_environment_is_refused_and_not_shown(environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUNDO_POSTGRES_PASSWORD", "open-secret")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert "open-secret" not in str(caught.value)
    assert str(environment / "postgres_password") in str(caught.value)


def test_misspelt_variables_are_found(environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert unknown_variables() == []
    monkeypatch.setenv("MUNDO_POSTGRES_HSOT", "x")
    assert unknown_variables() == ["MUNDO_POSTGRES_HSOT"]


def test_ipv6_addresses() -> None:
    assert parse_addresses("[::1]:26379") == (("::1", 26379),)


def test_prometheus_is_optional_and_its_address_holds_no_login(
    environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_settings().prometheus_url is None
    monkeypatch.setenv("MUNDO_PROMETHEUS_URL", "http://10.0.0.4:9090/")
    assert load_settings().prometheus_url == "http://10.0.0.4:9090"
    monkeypatch.setenv("MUNDO_PROMETHEUS_URL", "http://someone:hush-hush@10.0.0.4:9090")
    with pytest.raises(SettingsError, match="holds a login") as caught:
        load_settings()
    assert "hush" not in str(caught.value)
    assert "someone" not in str(caught.value)
