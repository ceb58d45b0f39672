#!/bin/sh
# Everything, the quick first. Each stage says what it does and how long it took; the first failure ends the run.
set -eu
cd "$(dirname "$0")/.."
begun=$(date +%s)

stage() {
    name=$1
    shift
    printf '\n== %s\n' "$name"
    started=$(date +%s)
    "$@"
    printf '== %s: %s s\n' "$name" "$(($(date +%s) - started))"
}

stage "lint" sh tests/lint.sh
stage "types" make -s types
stage "engine, tools and images" .venv/bin/python -m ops prepare-tests
# A worker for each of the usual two cores: with more of them, what waits for a failover or an alert waits for the other
# workers. Whole stacks take what is left of a machine, so nothing else runs beside them.
tests() {
    .venv/bin/pytest -n 2 --dist loadscope --no-loadscope-reorder --durations=25 --cov "$@"
}
stage "tests of whole stacks" tests --cov-report= tests/e2e
stage "tests" tests --cov-append --cov-report=term:skip-covered --cov-fail-under=80 \
    tests/integration tests/web tests/database tests/unit
printf '\n== all of it: %s s\n' "$(($(date +%s) - begun))"
