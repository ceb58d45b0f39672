#!/bin/sh
# What `make doctor` says before the Python environment exists: only what a bare machine can tell. It changes nothing.
set -u
status=0

line() { printf '%-20s %-8s %s\n' "$1" "$2" "$3"; }

# look NAME COMMAND MEANING-WHEN-ABSENT [needed]
look() {
    if command -v "$2" >/dev/null 2>&1; then
        line "$1" here "$(command -v "$2")"
    else
        line "$1" absent "$3"
        [ "${4:-}" != needed ] || status=1
    fi
}

if python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    line "Python" here "$(python3 --version)"
else
    line "Python" absent "3.11 or newer is needed: apt-get install python3"
    status=1
fi
line "Python environment" absent "make up (or make setup) makes it, about a minute; make doctor then says the rest"
look "Docker engine" dockerd "make up installs docker.io as root on Debian; elsewhere install one"
look "Pulumi CLI" pulumi "make up downloads it, or builds it from Go modules (about 8 minutes, once)"
look "Go" go "where the CLI has to be built, a Go from PyPI does it"
look "debootstrap" debootstrap "make up installs it with the engine; needed where no image registry answers"
exit $status
