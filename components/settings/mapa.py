"""The map of the catalogue app: memory for its tiles, limits of downloads as a file, and its address."""

from __future__ import annotations

from pydantic import Field

from components.settings.base import Concern


class MapSettings(Concern):
    """The map: tiles that are kept, files that may be asked for, and where it is."""

    tiles_cache_mb: int = Field(default=64, ge=0, le=4096, description="memory for tiles in the app, MiB; 0: none kept")
    export_features: int = Field(
        default=200_000, ge=1, le=10_000_000, description="features of a GeoPackage, and entries of a search, at most"
    )
    export_mb: int = Field(default=512, ge=1, le=65_536, description="largest GeoPackage, MiB")
    public_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s/?#@]+(/[^\s?#@]*)?$",
        description="address of the app as its users know it, for the links of /ogc behind a proxy; none: as each"
        " request names it",
    )
    export_at_once: int = Field(default=2, ge=1, le=100, description="GeoPackages that are made at once")

    def environment(self) -> dict[str, str]:
        """The settings as the app reads them."""
        return {f"MUNDO_{name.upper()}": str(value) for name, value in self.model_dump(exclude_none=True).items()}
