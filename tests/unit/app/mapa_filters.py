"""What the tests of filters share."""

from app.mapa.conditions import Values
from app.mapa.cql2 import condition
from app.mapa.cql2_text import parse


def compiled(text: str, language: str = "cql2-text") -> tuple[str, dict[str, object]]:
    """The condition of a filter, and its values by name."""
    values = Values()
    return condition(parse(text, language), values), values.named
