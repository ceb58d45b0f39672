"""What people read at the end of a command; no password among it."""

from __future__ import annotations

import io

import pytest
import typer
from rich.console import Console

from ops import lifecycle, summary
from ops.cli import stack, terminal
from ops.clock import Clock
from ops.errors import OpsError

_OUTPUTS = {
    "app_url": "http://127.0.0.1:8080",
    "docs_url": "http://127.0.0.1:8080/docs",
    "status_url": "http://127.0.0.1:8080/status",
    "prometheus_url": "http://127.0.0.1:9090",
    "alertmanager_url": "http://127.0.0.1:9093",
    "grafana_url": None,
    "postgres_url": "postgresql://mundo_owner:hush-hush-hush@127.0.0.1:15432/mundo",
    "redisPassword": "also-hush-hush",
}


def _addresses(stack: str) -> str:
    text = io.StringIO()
    summary.addresses(Console(file=text, width=200), _OUTPUTS, stack)
    return text.getvalue()


def test_addresses_show_where_and_hide_every_password() -> None:
    text = _addresses("local")
    for key in ("app_url", "docs_url", "status_url", "prometheus_url", "alertmanager_url"):
        assert str(_OUTPUTS[key]) in text
    assert "postgresql://mundo_owner:***@127.0.0.1:15432/mundo" in text
    assert "hush" not in text
    assert "Grafana" not in text


def test_commands_to_type_next_are_for_this_stack() -> None:
    assert "STACK=" not in _addresses("local")
    text = _addresses("dev")
    for command in ("make outputs SHOW_SECRETS=1", "make ingest FILE=farm.geojson", "make sample", "make status"):
        assert f"{command} STACK=dev" in text


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://ana:secret@host:5432/mundo", "postgresql://ana:***@host:5432/mundo"),
        ("postgresql://ana:se:cr@et@host/mundo", "postgresql://ana:***@host/mundo"),
        ("postgresql://ana:@host/mundo", "postgresql://ana:***@host/mundo"),
        ("redis://:secret@host:6379", "redis://:***@host:6379"),
        ("http://127.0.0.1:8080/docs", "http://127.0.0.1:8080/docs"),
        ("no address", "no address"),
    ],
)
def test_password_of_an_address_is_hidden(url: str, expected: str) -> None:
    assert summary.masked(url) == expected


def test_outputs_that_are_secret_are_hidden_whole_or_in_part() -> None:
    assert stack._hidden("hush-hush-hush") == "***"
    assert stack._hidden(_OUTPUTS["postgres_url"]) == "postgresql://mundo_owner:***@127.0.0.1:15432/mundo"


def test_timings_are_in_the_order_of_the_steps_also_of_failed_ones() -> None:
    clock, text = Clock(), io.StringIO()
    with clock.step("tools"):
        pass
    with pytest.raises(OpsError), clock.step("checks"):
        raise OpsError("no")
    with clock.step("tools"):
        pass
    assert list(clock.steps) == ["tools", "checks"]
    summary.timings(Console(file=text, width=200), {"tools": 1.26, "checks": 0.04})
    assert text.getvalue() == "Took: tools 1.3 s · checks 0.0 s\n"


@pytest.mark.parametrize("text", ["ports[0] is wrong", "cannot write [/run/mundo]", r"C:\[bold]farm"])
def test_errors_and_progress_show_brackets_as_they_are(
    text: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MUNDO_DEBUG", raising=False)
    with pytest.raises(typer.Exit) as ended, terminal.plainly():
        raise OpsError(text)
    assert ended.value.exit_code == 1
    assert capsys.readouterr().err == f"error: {text}\n"
    shown = io.StringIO()
    lifecycle.teller(Console(file=shown, width=200))(text)
    assert shown.getvalue() == f"· {text}\n"


def test_interruption_says_that_it_is_safe(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MUNDO_DEBUG", raising=False)
    with pytest.raises(typer.Exit), terminal.plainly():
        raise KeyboardInterrupt
    assert capsys.readouterr().err == "error: interrupted; the same command goes on from where it was\n"
