"""The catalogue service: search, bounds and geometries of the farm over HTTP."""
