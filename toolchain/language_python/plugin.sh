#!/bin/sh
# Starts, with the Python of the project's own environment, the Pulumi plugin
# under whose name it is called:
#   pulumi-language-python         runs the project's program
#   pulumi-resource-pulumi-python  runs its dynamic providers
# The project is the nearest folder upwards that has a Pulumi.yaml; its root
# goes onto PYTHONPATH, so that provider classes are found by import.
set -eu

# The plugin's folder, through a link to it as well.
self=$(readlink -f -- "$0")
root=$PWD
while [ ! -f "$root/Pulumi.yaml" ] && [ "$root" != / ]; do
    root=$(dirname -- "$root")
done
[ -f "$root/Pulumi.yaml" ] || root=$PWD

environment=${PULUMI_RUNTIME_VIRTUALENV:-.venv}
case $environment in
/*) ;;
*) environment=$root/$environment ;;
esac
python=$environment/bin/python
if [ ! -x "$python" ]; then
    python=${VIRTUAL_ENV:-}/bin/python
fi
if [ ! -x "$python" ]; then
    echo "no Python environment at $environment: run \`make setup\` in $root" >&2
    exit 1
fi

PYTHONPATH=$root${PYTHONPATH:+:$PYTHONPATH}
export PYTHONPATH
unset PYTHONHOME

case ${0##*/} in
pulumi-language-python) exec "$python" -u "${self%/*}/language_host.py" "$@" ;;
pulumi-resource-pulumi-python) exec "$python" -u -m pulumi.dynamic "$@" ;;
*)
    echo "${0##*/} is not the name of a plugin that this script starts" >&2
    exit 1
    ;;
esac
