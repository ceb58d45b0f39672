#!/bin/sh
# Start one exporter; further arguments are its own.
#   entrypoint.sh postgres  DATA_SOURCE_URI=HOST:PORT/DATABASE[?OPTIONS] says where; port 9187
#   entrypoint.sh redis     every server and Sentinel through /scrape?target=redis://IP:PORT; port 9121
#   entrypoint.sh node      this machine, where /proc and /sys of the host are mounted below /host; port 9100
#   entrypoint.sh process   this machine's processes by name, from /host/proc; port 9256
set -eu

secrets=/run/mundo/secrets
role=${1:-}
[ $# -eq 0 ] || shift

fail() {
    echo "entrypoint: $*" >&2
    exit 1
}

case $role in
    postgres)
        [ -n "${DATA_SOURCE_URI:-}" ] || fail "DATA_SOURCE_URI is not set: HOST:PORT/DATABASE[?OPTIONS]"
        [ -r "$secrets/postgres_password" ] || fail "no readable password at $secrets/postgres_password"
        DATA_SOURCE_USER=${DATA_SOURCE_USER:-mundo_exporter} DATA_SOURCE_PASS_FILE=$secrets/postgres_password \
            exec prometheus-postgres-exporter --config.file=/etc/postgres_exporter.yml \
            --collector.stat_checkpointer --collector.long_running_transactions --no-collector.roles "$@"
        ;;
    redis)
        # CONFIG would show the password, and the login may not call it. An empty address leaves /scrape alone.
        [ -r "$secrets/redis_passwords.json" ] || fail "no readable password map at $secrets/redis_passwords.json"
        exec prometheus-redis-exporter -redis.addr= -redis.password-file="$secrets/redis_passwords.json" \
            -config-command=- -exclude-latency-histogram-metrics -connection-timeout=1s "$@"
        ;;
    node)
        exec prometheus-node-exporter --path.procfs=/host/proc --path.sysfs=/host/sys --path.rootfs=/host/root "$@"
        ;;
    process)
        exec prometheus-process-exporter -procfs=/host/proc -threads=false -gather-smaps=false \
            -procnames=postgres,redis-server,redis-sentinel,prometheus,uvicorn "$@"
        ;;
    *) fail "unknown exporter '$role': allowed are postgres, redis, node, process" ;;
esac
