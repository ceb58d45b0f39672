"""The farm on a map: OGC API Features and Tiles, the map page's data, downloads."""
