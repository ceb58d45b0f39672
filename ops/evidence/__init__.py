"""What benchmarks, drills and tests measured of this release, gathered for the service's metrics."""
