"""The page of the settings: every key with its type, default, allowed values and meaning."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from components.settings import OPTIONAL_SECRETS, SECRETS, Settings, json_schema
from ops.docs.page import code, head, table

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE: Final = "the settings models in `components/settings`"
_ABOUT: Final = """\
Settings of a stack stand in `Pulumi.STACK.yaml`, each concern as one value: `mundo:ports: {app: 8080}`.
`make config SET=ports.app=8081` sets one, and refuses what is not allowed in one line; `make up` takes it in. What is
not set has its default. `make schema` prints the same as a JSON schema.
"""
_SECRETS: Final = """\
## Secrets

Pulumi secrets, all of them text; no default exists. `make init-secrets STACK=dev` generates those that a stack lacks,
`make rotate SECRET=redisPassword` gives one a new value. At least 12 printable characters without spaces.
"""
_BOUNDS: Final = (
    ("minimum", "≥ {}"),
    ("exclusiveMinimum", "> {}"),
    ("maximum", "≤ {}"),
    ("exclusiveMaximum", "< {}"),
    ("multipleOf", "steps of {}"),
    ("minLength", "at least {} characters"),
    ("maxLength", "at most {} characters"),
)

Schema = dict[str, Any]


def text() -> str:
    """The page."""
    schema = json_schema()
    defaults = Settings().model_dump(mode="json")
    parts = [head("Configuration reference", SOURCE, _ABOUT)]
    single: list[tuple[str, ...]] = []
    for name, field in schema["properties"].items():
        if name in SECRETS or name in OPTIONAL_SECRETS:
            continue
        model = _resolved(field, schema)
        if "properties" in model:
            rows = list(_rows(name, model, defaults[name], schema))
            parts += [f"## {name}\n\n{_first_paragraph(model)}\n", _settings(rows)]
        else:
            single.append(_row(name, field, defaults[name], schema))
    parts += ["## Single settings\n", _settings(single), _SECRETS, _secrets()]
    return "\n".join(parts)


def _rows(prefix: str, model: Schema, defaults: Any, schema: Schema) -> Iterator[tuple[str, ...]]:
    """A row for each setting below `prefix`, those of models within it too."""
    for name, field in model["properties"].items():
        inner = _resolved(field, schema)
        if "properties" in inner:
            yield from _rows(f"{prefix}.{name}", inner, defaults[name], schema)
            continue
        yield _row(f"{prefix}.{name}", field, defaults[name], schema)
        element = _resolved(inner.get("items", {}), schema)
        if "properties" in element:
            for key, member in element["properties"].items():
                default = member.get("default", "required") if key not in element.get("required", ()) else "required"
                yield _row(f"{prefix}.{name}[].{key}", member, default, schema)


def _row(name: str, field: Schema, default: Any, schema: Schema) -> tuple[str, ...]:
    given = "required" if default == "required" else code(json.dumps(default, ensure_ascii=False))
    meaning = field.get("description") or _resolved(field, schema).get("description", "")
    return code(name), _type(field, schema), given, _allowed(field, schema), meaning


def _settings(rows: list[tuple[str, ...]]) -> str:
    return table(("setting", "type", "default", "allowed", "meaning"), rows)


def _secrets() -> str:
    needed = [(code(name), "yes", meaning) for name, meaning in SECRETS.items()]
    optional = [(code(name), "no", meaning) for name, meaning in OPTIONAL_SECRETS.items()]
    return table(("secret", "required", "what it opens"), [*needed, *optional])


def _resolved(field: Schema, schema: Schema) -> Schema:
    """The field, or the model that it refers to."""
    while "$ref" in field:
        field = schema["$defs"][field["$ref"].rpartition("/")[2]]
    return field


def _type(field: Schema, schema: Schema) -> str:
    field = _resolved(field, schema)
    if "anyOf" in field:
        return " or ".join(_type(one, schema) for one in field["anyOf"])
    if field.get("type") == "array":
        return f"list of {_type(field['items'], schema)}" if "items" in field else "list"
    if "properties" in field:
        return str(field["title"])
    return str(field.get("type") or ("text" if "enum" in field else "any")).replace("string", "text")


def _allowed(field: Schema, schema: Schema) -> str:
    """What the type does not say: bounds, choices, patterns."""
    field = _resolved(field, schema)
    if "anyOf" in field:
        return "; ".join(filter(None, (_allowed(one, schema) for one in field["anyOf"])))
    if "items" in field and "properties" not in _resolved(field["items"], schema):
        return _allowed(field["items"], schema)
    said = [text.format(_number(field[key])) for key, text in _BOUNDS if key in field]
    if "enum" in field:
        said.append(", ".join(code(value) for value in field["enum"]))
    if "pattern" in field:
        said.append(code(field["pattern"]))
    return ", ".join(said)


def _number(value: float) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _first_paragraph(model: Schema) -> str:
    return str(model.get("description", "")).split("\n\n")[0]
