"""The one line shown of what Pulumi says: the texts are what the engine, its providers and its CLI really print."""

from __future__ import annotations

import pytest

from ops.errors import one_line

_MIGRATION = '0007_partitions.sql: syntax error at or near "CREAT" (line 12); nothing of it was kept'
_DYNAMIC = f"""Traceback (most recent call last):
  File "/srv/mundo/components/database/migrate.py", line 5, in create
    raise ValueError("inner cause")
ValueError: inner cause

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/srv/mundo/.venv/lib/python3.11/site-packages/pulumi/dynamic/__main__.py", line 84, in wrapper
    return fn(self, request, context)
           ^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/srv/mundo/components/database/resources.py", line 7, in create
    raise RuntimeError(text) from error
RuntimeError: {_MIGRATION}

"""
_AFTERWARDS = ("update failed\n", "Resource monitor has terminated, shutting down\n")
_POOL = "Unable to create network: Error response from daemon: Pool overlaps with other one on this address space"


def _command(stderr: str, stdout: str = "", code: int = 1) -> str:
    """What `str()` of the Automation API's CommandError is."""
    return f"\n code: {code}\n stdout: {stdout}\n stderr: {stderr}"


@pytest.mark.parametrize(
    "text",
    [
        _command("error: incorrect passphrase"),
        _command("error: getting stack configuration: get stack secrets manager: incorrect passphrase", code=255),
    ],
)
def test_wrong_passphrase_says_what_to_do(text: str) -> None:
    line = one_line([text])
    assert line.startswith("wrong passphrase: ")
    assert "PULUMI_CONFIG_PASSPHRASE_FILE" in line
    assert "nothing was changed" in line


def test_no_passphrase_says_what_to_set() -> None:
    said = _command(
        "error: passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE "
        "environment variables"
    )
    assert one_line([said]).startswith("no passphrase: set PULUMI_CONFIG_PASSPHRASE_FILE")


def test_lock_of_another_update() -> None:
    said = _command(
        "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete "
        "the lock file with `pulumi cancel`.\n  file:///srv/state/.pulumi/locks/organization/mundo/local/0c0f.json"
        "?no_tmp_dir=true: created by ana@farm (pid 4711) at 2026-01-02T03:04:05Z"
    )
    assert one_line([said]) == "another update of this stack is running; wait for its end, then again"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            (
                "1 error occurred:\n\t* Unable to create container: Error response from daemon: mkdir "
                "/var/lib/docker/overlay2/ab: no space left on device\n\n"
            ),
            "the disk is full: ",
        ),
        (
            "error: container failed to be in healthy state",
            "a service does not become healthy: make status shows which",
        ),
        (
            (
                "1 error occurred:\n\t* Error pinging Docker server: Cannot connect to the Docker daemon at "
                "unix:///var/run/docker.sock. Is the docker daemon running?\n\n"
            ),
            "no Docker engine answers: ",
        ),
    ],
)
def test_known_troubles_of_the_engine_are_said_in_the_house_words(text: str, expected: str) -> None:
    assert one_line([text, *_AFTERWARDS]).startswith(expected)


def test_refusal_of_the_program_is_its_own_text() -> None:
    text = "Pulumi.local.yaml: mundo:ports.app is 80: Input should be greater than or equal to 1024"
    assert one_line([f"{text}\n"]) == text
    assert one_line([f"error: pulumi.errors.RunError: {text}\n"]) == text


def test_dynamic_provider_shows_its_exception_alone() -> None:
    assert one_line([_DYNAMIC, *_AFTERWARDS]) == _MIGRATION


def test_order_of_diagnostics_does_not_matter() -> None:
    assert one_line([*_AFTERWARDS, _DYNAMIC]) == _MIGRATION


def test_dynamic_provider_through_grpc() -> None:
    line = f"Exception calling application: {_MIGRATION}"
    assert one_line([f"creating urn:pulumi:local::mundo::a:b:C::m: rpc error: code = Unknown desc = {line}"]) == (
        _MIGRATION
    )


def test_exception_of_several_lines_shows_the_first() -> None:
    text = (
        'Traceback (most recent call last):\n  File "/srv/a.py", line 4, in create\n    cursor.execute(text)\n'
        'psycopg.errors.SyntaxError: syntax error at or near "CREAT"\nLINE 1: CREAT TABLE a ()\n        ^\n'
    )
    assert one_line([text]) == 'syntax error at or near "CREAT"'


def test_exception_that_says_little_keeps_its_name() -> None:
    text = (
        'the program failed:\nTraceback (most recent call last):\n  File "/srv/__main__.py", line 4, in <module>\n'
        "    settings[\"owner\"]\n    ~~~~~~~~^^^^^^^^^\nKeyError: 'owner'\n"
    )
    assert one_line([text]) == "KeyError: 'owner'"


def test_docker_provider_says_it_twice_and_once_is_shown() -> None:
    logged = f"  sdk-v2/provider2.go:571: sdk.helper_schema: {_POOL}: provider=docker@5.2.0\n"
    returned = f"1 error occurred:\n\t* {_POOL}\n\n\n"
    assert one_line([logged, returned, *_AFTERWARDS]) == _POOL
    assert one_line([returned, logged, *_AFTERWARDS]) == _POOL


def test_nested_errors_lose_their_urns() -> None:
    urn = "urn:pulumi:local::mundo::mundo:cache:Cache$docker:index/container:Container::redis-1"
    text = (
        f"error: 1 error occurred:\n\t* creating {urn}: 1 error occurred:\n\t* Unable to start container: port taken\n"
    )
    assert one_line([text]) == "Unable to start container: port taken"
    kept = one_line([f"error: resource {urn} cannot be deleted because it is protected\n"])
    assert kept == "resource redis-1 cannot be deleted because it is protected"


def test_failed_command_without_diagnostics_shows_its_standard_error() -> None:
    said = _command("error: could not set config: invalid config key path: missing closing bracket in array index")
    assert one_line([said]) == ("could not set config: invalid config key path: missing closing bracket in array index")
    said = _command(
        "no Python environment at /srv/.venv: run `make setup` in /srv\n\nerror: failed to load language plugin python",
        stdout="Previewing update (local):\n\n@ previewing update....\n",
    )
    assert one_line([said]) == "no Python environment at /srv/.venv: run `make setup` in /srv"


def test_failed_command_with_nothing_on_standard_error_shows_its_diagnostics() -> None:
    printed = (
        "Updating (local):\n\n +  docker:index:Network net creating (0s)\nDiagnostics:\n"
        "  pulumi:pulumi:Stack (mundo-local):\n    error: update failed\n\n"
        "  docker:index:Network (net):\n    error: " + _POOL + "\n\nResources:\n    1 unchanged\n"
    )
    assert one_line([_command("", stdout=printed)]) == _POOL


def test_diagnostics_go_before_the_failed_command() -> None:
    printed = "Updating (local):\n\n +  docker:index:Network net creating (0s)\n"
    assert one_line([_DYNAMIC, _command("", stdout=printed)]) == _MIGRATION


@pytest.mark.parametrize("texts", [[], [""], ["\n \n"], [*_AFTERWARDS], [_command("")]])
def test_nothing_said_is_said(texts: list[str]) -> None:
    assert one_line(texts) == "Pulumi failed without saying why; MUNDO_DEBUG=1 shows more"
