#!/bin/sh
# Lint and format of every language in the repository; the first finding ends it with its file and line.
set -eu
cd "$(dirname "$0")/.."
bin=$PWD/.venv/bin

say() { printf '%s\n' "lint: $*"; }

say "ruff"
"$bin/ruff" check -q .
"$bin/ruff" format -q --check .

say "sqlfluff"
"$bin/sqlfluff" lint -q --disable-progress-bar sql

say "shellcheck"
git ls-files | while read -r file; do
    if head -n 1 "$file" | grep -aqE '^#!.*[/ ](ba|da)?sh$'; then echo "$file"; fi
done | xargs -r "$bin/shellcheck"

say "hadolint"
git ls-files -z '*Dockerfile' | xargs -0 "$bin/hadolint"

if command -v gofmt >/dev/null 2>&1; then
    say "gofmt"
    unformatted=$(gofmt -l toolchain)
    if [ -n "$unformatted" ]; then
        say "not formatted: $unformatted (gofmt -w toolchain)"
        exit 1
    fi
fi
