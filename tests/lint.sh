#!/bin/sh
# Lint and format of every language in the repository; the first finding ends it with its file and line.
# Without arguments every part runs; their names are those of the functions below. The hooks of pre-commit run the same parts.
set -eu
cd "$(dirname "$0")/.."
bin=$PWD/.venv/bin

say() { printf '%s\n' "lint: $*"; }

lint_ruff() {
    "$bin/ruff" check -q .
    "$bin/ruff" format -q --check .
}

lint_sqlfluff() { "$bin/sqlfluff" lint -q --disable-progress-bar sql; }

lint_shellcheck() {
    git ls-files | while read -r file; do
        if head -n 1 "$file" | grep -aqE '^#!.*[/ ](ba|da)?sh$'; then echo "$file"; fi
    done | xargs -r "$bin/shellcheck"
}

lint_hadolint() { git ls-files -z '*Dockerfile' | xargs -0 "$bin/hadolint"; }

# Against GitHub's schemas, which lie in the package. actionlint knows more, where it is installed.
lint_workflows() {
    "$bin/check-jsonschema" -q --builtin-schema vendor.github-workflows .github/workflows/*.yml
    "$bin/check-jsonschema" -q --builtin-schema vendor.dependabot .github/dependabot.yml
    if command -v actionlint >/dev/null 2>&1; then actionlint; fi
}

lint_gofmt() {
    command -v gofmt >/dev/null 2>&1 || return 0
    unformatted=$(gofmt -l toolchain)
    if [ -n "$unformatted" ]; then
        say "not formatted: $unformatted (gofmt -w toolchain)"
        exit 1
    fi
}

if [ $# -eq 0 ]; then set -- ruff sqlfluff shellcheck hadolint workflows gofmt; fi
for part in "$@"; do
    case $part in
        ruff | sqlfluff | shellcheck | hadolint | workflows | gofmt) ;;
        *)
            say "'$part' is no part"
            exit 2
            ;;
    esac
    say "$part"
    "lint_$part"
done
