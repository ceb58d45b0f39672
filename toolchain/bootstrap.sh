#!/bin/sh
# Makes the project's locked Python environment, .venv, from
# requirements/dev.txt; does nothing where it is up to date.
#
# Needs python3 3.11 or newer. uv is taken from PATH, else installed from PyPI
# (the version and hashes that requirements/dev.txt names) into a small
# environment below the cache folder. PYTHON names another interpreter.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
lock=$root/requirements/dev.txt
venv=$root/.venv
stamp=$venv/.mundo-lock
cache=${XDG_CACHE_HOME:-$HOME/.cache}/mundo

say() { echo "$*" >&2; }
fail() {
    say "$*"
    exit 1
}

digest() { sha256sum "$1" | cut -d ' ' -f 1; }
up_to_date() {
    [ -x "$venv/bin/python" ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]
}

[ -f "$lock" ] || fail "$lock is missing: nothing says which packages to install"
wanted=$(digest "$lock")
if up_to_date; then exit 0; fi

# Two runs at once: the second waits, and then finds nothing left to do.
mkdir -p "$cache" || fail "the cache folder $cache cannot be made"
if command -v flock >/dev/null 2>&1; then
    exec 9>"$cache/venv-$(printf %s "$root" | sha256sum | cut -c 1-16).lock"
    flock -n 9 || {
        say "waiting for another run that is making $venv"
        flock 9
    }
    if up_to_date; then exit 0; fi
fi

new_enough='import sys; sys.exit(sys.version_info < (3, 11))'
python=
for candidate in ${PYTHON:+"$PYTHON"} python3 python3.13 python3.12 python3.11; do
    if command -v "$candidate" >/dev/null 2>&1 && "$candidate" -c "$new_enough" 2>/dev/null; then
        python=$(command -v "$candidate")
        break
    fi
done
if [ -z "$python" ]; then
    found=$(python3 --version 2>/dev/null) || found="no python3"
    fail "Python 3.11 or newer is needed, and $found is here: on Debian 12 or 13, apt-get install python3 python3-venv"
fi

# uv, the installer: from PATH, from an earlier run, or from PyPI.
uv_version=$(sed -n 's/^uv==\([0-9.]*\).*/\1/p' "$lock")
[ -n "$uv_version" ] || fail "$lock does not name the version of uv"
own=$cache/uv-$uv_version

# The lines of one package, with its hashes, out of a hash-checked lock file.
locked_lines() {
    awk -v name="$1==" 'index($0, name) == 1 { on = 1 } on { print } on && !/\\$/ { exit }' "$lock"
}

install_uv() {
    say "installing uv $uv_version"
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
            fail "Python's venv module is missing: install python3-venv (Debian: apt-get install python3-venv), then again"
        fi
        say "installing python3-venv with apt-get"
        apt-get -q update >/dev/null 2>&1 || true
        DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends python3-venv >/dev/null 2>&1 ||
            fail "python3-venv could not be installed: apt-get install python3-venv says why"
    fi
    draft=$own.$$
    rm -rf "$draft"
    trap 'rm -rf "$draft"' EXIT
    trap 'exit 130' INT TERM
    "$python" -m venv "$draft" || fail "$python cannot make an environment in $draft"
    locked_lines uv >"$draft/uv.txt"
    if ! "$draft/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
        --requirement "$draft/uv.txt" >"$draft/log" 2>&1; then
        fail "uv could not be installed from PyPI ($(grep -v '^WARNING' "$draft/log" | tail -n 1)): is PyPI within reach?"
    fi
    # The program alone is enough, and stays good when the folder moves.
    mkdir -p "$own"
    mv "$draft/bin/uv" "$own/uv.$$"
    mv "$own/uv.$$" "$own/uv"
    rm -rf "$draft"
    trap - EXIT INT TERM
}

if command -v uv >/dev/null 2>&1; then
    uv=$(command -v uv)
else
    uv=$own/uv
    [ -x "$uv" ] || install_uv
fi

say "installing the Python environment (about a minute the first time)"
# Without its stamp an environment counts as unfinished, whatever ends this run.
rm -f "$stamp"
if ! "$venv/bin/python" -c "$new_enough" 2>/dev/null; then
    "$uv" venv --quiet --clear --python "$python" "$venv" || fail "uv cannot make the environment $venv"
fi
log=$cache/uv-sync.log
VIRTUAL_ENV=$venv "$uv" pip sync --quiet --compile-bytecode --require-hashes "$lock" 2>"$log" ||
    fail "the packages of $lock could not be installed ($(grep -v '^warning' "$log" | head -n 2 | tr -s ' \n' ' ')): is PyPI within reach? ($log says more)"
echo "$wanted" >"$stamp"
