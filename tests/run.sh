#!/bin/sh
# Everything, the quick first. Each stage says what it does and how long it took; the first failure ends the run.
set -eu
cd "$(dirname "$0")/.."
begun=$(date +%s)
label=mundo.test

stage() {
    name=$1
    shift
    printf '\n== %s\n' "$name"
    started=$(date +%s)
    "$@"
    printf '== %s: %s s\n' "$name" "$(($(date +%s) - started))"
}

clean_up() {
    # What an interrupted test left; a finished one has removed its own.
    if docker version >/dev/null 2>&1; then
        docker ps -aq --filter "label=$label" | xargs -r docker rm -f -v >/dev/null
        docker volume ls -q --filter "label=$label" | xargs -r docker volume rm >/dev/null
        docker network ls -q --filter "label=$label" | xargs -r docker network rm >/dev/null
    fi
}
trap clean_up EXIT

stage "lint" sh tests/lint.sh
stage "types" make -s types
stage "engine, tools and images" .venv/bin/python -m ops prepare-tests
stage "tests" .venv/bin/pytest --cov --cov-report=term:skip-covered tests/unit tests/database tests/integration tests/e2e
printf '\n== all of it: %s s\n' "$(($(date +%s) - begun))"
