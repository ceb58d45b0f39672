"""A small farm whose every place is known: what the map's tests look at."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

MARKUP = '<img src=x onerror="window.hacked=1">'


class Place(NamedTuple):
    """A feature: its category, its name, west, south, and its sides in degrees."""

    category: str
    name: str
    west: float
    south: float
    wide: float
    high: float

    @property
    def middle(self) -> tuple[float, float]:
        """Latitude and longitude of its middle."""
        return self.south + self.high / 2, self.west + self.wide / 2

    @property
    def ring(self) -> list[tuple[float, float]]:
        """Its corners."""
        east, north = self.west + self.wide, self.south + self.high
        return [(self.west, self.south), (east, self.south), (east, north), (self.west, north), (self.west, self.south)]


PLACES = (
    Place("PERIMETRO", "Divisa", -43.99, -17.42, 0.08, 0.06),
    Place("CERCAS", "Pasto da Serra", -43.985, -17.415, 0.03, 0.05),
    Place("MATA", "Mata do Fundo", -43.98, -17.41, 0.01, 0.02),
    Place("RL", "Reserva 1", -43.98, -17.41, 0.01, 0.02),
    Place("LAGOA", "Lagoa Grande", -43.94, -17.39, 0.01, 0.008),
    Place("POCO", "Poço 7", -43.93, -17.41, 0.0002, 0.0002),
    Place("CURRAL", MARKUP, -43.95, -17.41, 0.002, 0.002),
)
LAKE, WELL, FOREST = PLACES[4], PLACES[5], PLACES[2]
LINE = {"type": "LineString", "coordinates": [(-43.99, -17.375), (-43.91, -17.375)]}


def write(path: Path) -> Path:
    """Write the farm as a file for the ingest."""
    features = [
        _feature(number, place.category, place.name, {"type": "Polygon", "coordinates": [place.ring]})
        for number, place in enumerate(PLACES, 1)
    ]
    features.append(_feature(99, "FERROVIA", "Ramal Norte", LINE))
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def _feature(number: int, category: str, name: str, geometry: object) -> dict[str, object]:
    about = {"id": number, "name": name, "category": category, "layer_name": f"{category}_{number:02}"}
    return {"type": "Feature", "id": number, "properties": about, "geometry": geometry}
