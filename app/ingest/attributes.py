"""From a feature's attributes, whatever they are called, to the catalogue's words."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import orjson

from app.ingest.limits import (
    MAX_DESCRIPTION_CHARACTERS,
    MAX_ID_CHARACTERS,
    MAX_KIND_CHARACTERS,
    MAX_NAME_CHARACTERS,
)

_NAMES = ("name", "nome", "title", "titulo", "título", "label", "rotulo", "rótulo")
_CATEGORIES = ("category", "categoria", "tipo", "type", "classe", "class")
_LAYERS = ("layer_name", "layer", "camada")
_DESCRIPTIONS = ("description", "descricao", "descrição", "descriptio")
_IDS = ("id", "feature_id", "gml_id")
_NONE = "\x00"  # a key that no attribute has
_ESCAPED_NUL = b"\\u0000"


@dataclass(slots=True, frozen=True)
class _Keys:
    """Which attribute of this set plays which part."""

    identity: str
    name: str
    category: str
    layer: str
    description: str


class Description(NamedTuple):
    """How a feature appears in the catalogue and where it came from."""

    identity: str | None
    name: str
    kind: str
    layer: str
    category: str | None
    description: str | None


def describe(attributes: dict[str, Any], identity: Any, layer: str, index: int) -> Description:
    """Name a feature: its own words first, then its layer's, then its position in the file.

    `identity` is an id that stands outside the attributes (GeoJSON `id`, FID) and wins over one inside; `layer` is
    what the file calls the layer, used where no attribute says it.
    """
    keys = _keys(tuple(attributes))
    get = attributes.get
    own_layer = _text(get(keys.layer), MAX_KIND_CHARACTERS) or _text(layer, MAX_KIND_CHARACTERS) or "camada"
    category = _text(get(keys.category), MAX_KIND_CHARACTERS)
    kind = category or own_layer
    known_as = _text(identity if identity is not None else get(keys.identity), MAX_ID_CHARACTERS + 1)
    if known_as is not None and len(known_as) > MAX_ID_CHARACTERS:
        known_as = None
    return Description(
        identity=known_as,
        name=_text(get(keys.name), MAX_NAME_CHARACTERS) or f"{kind} {known_as or f'#{index}'}"[:MAX_NAME_CHARACTERS],
        kind=kind,
        layer=own_layer,
        category=category,
        # Farm names are codes (C46A); people look for the words of the layer (CASA DE COLONO 04).
        description=_text(get(keys.description), MAX_DESCRIPTION_CHARACTERS) or " ".join(own_layer.split("_")).strip(),
    )


def encode(attributes: dict[str, Any]) -> bytes:
    """Write attributes as JSON that a jsonb column accepts (no NUL, which is dropped).

    Raises:
        TypeError: they hold what JSON in UTF-8 cannot (lone surrogates, integers beyond 64 bits).
    """
    text = orjson.dumps(attributes, option=orjson.OPT_SERIALIZE_NUMPY, default=_plain)
    if _ESCAPED_NUL in text:
        text = orjson.dumps(_without_nul(attributes), option=orjson.OPT_SERIALIZE_NUMPY, default=_plain)
    return text


@lru_cache(maxsize=1024)
def _keys(names: tuple[str, ...]) -> _Keys:
    """Find the parts among attribute names; cached, since the features of a layer share their names."""
    folded: dict[str, str] = {}
    for name in names:
        folded.setdefault(str(name).casefold(), name)

    def first(wanted: tuple[str, ...]) -> str:
        return next((folded[word] for word in wanted if word in folded), _NONE)

    return _Keys(first(_IDS), first(_NAMES), first(_CATEGORIES), first(_LAYERS), first(_DESCRIPTIONS))


def _text(value: Any, longest: int) -> str | None:
    """Say a value as bounded text; None for what says nothing."""
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int):
        value = str(value)
    elif not isinstance(value, str):
        try:
            value = orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY).decode()
        except TypeError:
            value = str(value)
    clean: str = value.replace("\x00", "").strip()
    return clean[:longest].rstrip() or None


def _plain(value: Any) -> Any:
    """Say what GDAL gives beyond JSON: binary fields as hexadecimal, all else by its own text."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, np.ndarray):
        return value.tolist()
    return str(value)


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, list):
        return [_without_nul(item) for item in value]
    if isinstance(value, dict):
        return {_without_nul(key): _without_nul(item) for key, item in value.items()}
    return value
