#!/bin/sh
# Start one exporter; further arguments are its own.
#   entrypoint.sh postgres  DATA_SOURCE_URI=HOST:PORT/DATABASE[?OPTIONS] says where; port 9187
#   entrypoint.sh sql       the database's own metrics, by secrets/sql_exporter.yml; port 9237
#   entrypoint.sh redis     every server and Sentinel through /scrape?target=redis://IP:PORT; port 9121
#   entrypoint.sh node      this machine, whose /proc, /sys and / are mounted below /host; port 9100
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
        # Sizes, dead rows and transactions are asked by the sql exporter: a table here is forty series.
        DATA_SOURCE_USER=${DATA_SOURCE_USER:-mundo_exporter} DATA_SOURCE_PASS_FILE=$secrets/postgres_password \
            exec prometheus-postgres-exporter --config.file=/etc/postgres_exporter.yml \
            --collector.stat_checkpointer --no-collector.roles --no-collector.database \
            --no-collector.stat_user_tables --no-collector.statio_user_tables "$@"
        ;;
    sql)
        [ -r "$secrets/sql_exporter.yml" ] || fail "no readable configuration at $secrets/sql_exporter.yml"
        # Below warnings it logs every query it asks.
        LOGLEVEL=warn exec prometheus-sql-exporter -config.file="$secrets/sql_exporter.yml" "$@"
        ;;
    redis)
        # CONFIG would show the password, and the login may not call it. An empty address leaves /scrape alone.
        [ -r "$secrets/redis_passwords.json" ] || fail "no readable password map at $secrets/redis_passwords.json"
        exec prometheus-redis-exporter -redis.addr= -redis.password-file="$secrets/redis_passwords.json" \
            -config-command=- -exclude-latency-histogram-metrics -connection-timeout=1s "$@"
        ;;
    node)
        # A container's own mounts, and what lives in memory, say nothing of the machine's disks.
        exec prometheus-node-exporter --path.procfs=/host/proc --path.sysfs=/host/sys --path.rootfs=/host/root \
            --web.disable-exporter-metrics --collector.disable-defaults --collector.cpu --collector.meminfo \
            --collector.filesystem --collector.diskstats --collector.loadavg --collector.pressure --collector.vmstat \
            --collector.uname --collector.time \
            --collector.filesystem.fs-types-exclude='^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|efivarfs|fuse\..*|fusectl|hugetlbfs|iso9660|mqueue|nsfs|overlay|proc|procfs|pstore|ramfs|rpc_pipefs|securityfs|selinuxfs|squashfs|sysfs|tmpfs|tracefs)$' \
            --collector.filesystem.mount-points-exclude='^/(dev|proc|sys|run|var/lib/docker/.+|var/lib/containerd/.+)($|/)' \
            --collector.diskstats.device-exclude='^(ram|loop|fd|sr)[0-9]+$' "$@"
        ;;
    process)
        # The program alone names a process: of Python, that of the app (uvicorn) among its arguments.
        exec prometheus-process-exporter -procfs=/host/proc -threads=false -gather-smaps=false -children=false \
            -config.path=/etc/process_exporter.yml "$@"
        ;;
    *) fail "unknown exporter '$role': allowed are postgres, sql, redis, node, process" ;;
esac
