// The one place where scripts name MapLibre's release; `python -m ops vendor` changes it.
export * from "/static/vendor/maplibre-gl-6.17.0/maplibre-gl.mjs";
