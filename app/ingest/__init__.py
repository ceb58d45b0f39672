"""Ingest: any file of the farm's features into the catalogue, validated, repaired, traceable, all or nothing."""
