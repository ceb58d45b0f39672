"""The description of the HTTP API as files, the same that a running app shows at `/openapi.json`."""

from __future__ import annotations

import json
from typing import Any, Final

import yaml
from pydantic import SecretStr

from app.main import create_app
from app.settings import Settings
from components.context import VERSION
from ops.docs.page import MEND

SOURCE: Final = "the routes and models in `app`"


def description() -> dict[str, Any]:
    """The description; nothing is connected. `x-made-from` says what it is made from, since JSON has no comments."""
    nothing = SecretStr("-")
    settings = Settings(
        postgres_host="127.0.0.1",
        postgres_password=nothing,
        sentinels="127.0.0.1:1",
        redis_password=nothing,
        version=VERSION,
    )
    found: dict[str, Any] = create_app(settings).api.openapi()
    return {**found, "x-made-from": f"{SOURCE}, by `{MEND}`: change those, not this file"}


def as_json() -> str:
    """As JSON."""
    return json.dumps(description(), indent=2, ensure_ascii=False) + "\n"


def as_yaml() -> str:
    """As YAML, in the same order."""
    # Through JSON: a description may hold one object twice, which YAML would write as an alias.
    plain = json.loads(as_json())
    written: str = yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=120)
    return f"# Made by `{MEND}` from {SOURCE}: change those, not this file.\n{written}"
