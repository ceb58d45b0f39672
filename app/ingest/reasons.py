"""Why a geometry was rejected or repaired, in the words of the people who drew it (pt-BR)."""

import re
from typing import Final

NO_GEOMETRY: Final = "geometria ausente (nula)"
EMPTY: Final = "geometria vazia"
NOT_FINITE: Final = "coordenada NaN ou infinita"
NOT_STORABLE: Final = "reparo não deixou geometria que se possa guardar"
UNKNOWN_TYPE: Final = "tipo de geometria não suportado: {}"
OWN_SYSTEM: Final = "a feição declara um sistema de coordenadas próprio (crs), que não é o do arquivo"
UNREADABLE_WKB: Final = "geometria ilegível ou de tipo não suportado"

_GEOS: Final = {
    "Self-intersection": "autointerseção",
    "Ring Self-intersection": "autointerseção do anel",
    "Hole lies outside shell": "furo fora do contorno",
    "Holes are nested": "furos um dentro do outro",
    "Nested holes": "furos um dentro do outro",
    "Nested shells": "contornos um dentro do outro",
    "Interior is disconnected": "interior desconexo",
    "Duplicate Rings": "anéis repetidos",
    "Too few points in geometry component": "pontos distintos de menos",
    "Invalid Coordinate": "coordenada inválida",
    "Ring is not closed": "anel aberto",
    "Topology Validation Error": "erro de topologia",
}
_REASON: Final = re.compile(r"^(?P<what>[^\[]*?)\s*(?:\[(?P<x>\S+) (?P<y>\S+)[^\]]*\])?$")


def out_of_range(longitude: float, latitude: float) -> str:
    """Say which position lies outside the world, and what that usually means."""
    return (
        f"coordenada fora de lon [-180, 180] e lat [-90, 90]: [{longitude:.10g}, {latitude:.10g}]"
        " (projetada em metros, ou lon e lat trocadas?)"
    )


def geos(reason: str) -> str:
    """Translate GEOS's reason for an invalid geometry, with the place it names."""
    match = _REASON.match(reason)
    if match is None:
        return reason
    what = _GEOS.get(match["what"], match["what"])
    return what if match["x"] is None else f"{what} em [{match['x']} {match['y']}]"
