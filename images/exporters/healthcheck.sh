#!/bin/sh
# Health of one exporter for Docker: exit status 0 when it answers over HTTP.
#   healthcheck.sh postgres|sql|redis|node|process
# Whether what it watches is up is for Prometheus to say: a dead database does not make its exporter ill.
set -eu

case ${1:-} in
    postgres) url=http://127.0.0.1:9187/ ;;
    sql) url=http://127.0.0.1:9237/healthz ;;
    redis) url=http://127.0.0.1:9121/health ;;
    node) url=http://127.0.0.1:9100/ ;;
    process) url=http://127.0.0.1:9256/ ;;
    *)
        echo "healthcheck: unknown exporter '${1:-}': allowed are postgres, sql, redis, node, process"
        exit 1
        ;;
esac
exec busybox wget -q -T 3 -O /dev/null "$url"
