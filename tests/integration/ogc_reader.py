"""Reads an OGC API with GDAL, in a process of its own: GDAL waits for answers with Python's lock held.

Takes JSON: the address, and reads as {layer, where, bbox}; prints what GDAL tells of the layers, and what they gave.
"""

import json
import sys
from typing import Any

import pyogrio
import shapely


def _read(source: str, read: dict[str, Any]) -> dict[str, Any]:
    meta, fids, geometries, columns = pyogrio.raw.read(
        source,
        layer=read["layer"],
        where=read.get("where"),
        bbox=tuple(read["bbox"]) if "bbox" in read else None,
        return_fids=True,
    )
    bounds = shapely.total_bounds(shapely.from_wkb(geometries)).tolist() if len(geometries) else None
    return {
        "crs": meta["crs"],
        "fids": fids.tolist(),
        "bounds": bounds,
        "columns": {
            name: [str(value) for value in column.tolist()]
            for name, column in zip(meta["fields"].tolist(), columns, strict=True)
        },
    }


def main() -> None:
    """Read, and print."""
    asked = json.loads(sys.argv[1])
    source = f"OAPIF:{asked['url']}"
    layers = [row[0] for row in pyogrio.list_layers(source).tolist()]
    infos = {name: pyogrio.read_info(source, layer=name, force_feature_count=True) for name in layers}
    told = {
        "gdal": pyogrio.__gdal_version_string__,
        "layers": {
            name: {
                "features": info["features"],
                "bounds": info["total_bounds"],
                "geometry": info["geometry_type"],
                "fields": dict(zip(info["fields"].tolist(), info["ogr_types"], strict=True)),
            }
            for name, info in infos.items()
        },
        "reads": [_read(source, read) for read in asked["reads"]],
    }
    print(json.dumps(told, default=str))  # noqa: T201 -- its output


if __name__ == "__main__":
    main()
