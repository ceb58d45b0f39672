"""Benchmarks: each measures the platform beside a named peer, interleaved in one run, and prints a ratio."""
