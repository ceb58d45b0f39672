"""Coordinates of any reference system to EPSG:4326, longitude first."""

from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from pyproj.exceptions import CRSError, ProjError

from app.ingest.batch import Geometries
from app.ingest.errors import IngestError


class Reprojection:
    """Turns geometries of one reference system into EPSG:4326; made once for a layer.

    Raises:
        IngestError: the reference system is unknown, or no way leads from it to EPSG:4326.
    """

    def __init__(self, crs: str | None, where: str) -> None:
        self._transformer: pyproj.Transformer | None = None
        if crs is None:
            return
        try:
            source = pyproj.CRS.from_user_input(crs)
            if source.is_compound or len(source.axis_info) > 2:  # noqa: PLR2004 - heights are dropped later
                source = source.to_2d()
            # CRS84 and EPSG:4326 differ in axis order only, which always_xy settles.
            if source.equals(pyproj.CRS.from_epsg(4326), ignore_axis_order=True):
                return
            self._transformer = pyproj.Transformer.from_crs(source, 4326, always_xy=True)
        except (CRSError, ProjError) as error:
            reason = str(error).splitlines()[0]
            raise IngestError(f"{where}: its coordinate system cannot be turned into EPSG:4326: {reason}") from None

    @property
    def changes(self) -> bool:
        """Whether positions become others."""
        return self._transformer is not None

    def apply(self, geometries: Geometries) -> Geometries:
        """Reproject a column of geometries; positions without an answer become infinite, which validation names."""
        transformer = self._transformer
        if transformer is None:
            return geometries

        def transform(positions: NDArray[np.float64]) -> NDArray[np.float64]:
            moved = positions.copy()
            moved[:, 0], moved[:, 1] = transformer.transform(positions[:, 0], positions[:, 1])
            return moved

        result: Any = shapely.transform(geometries, transform, include_z=True)
        return np.asarray(result, dtype=np.object_)
