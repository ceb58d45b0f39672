#!/bin/sh
# Health of the program in this container, for Docker: exit status 0 or 1, and one line that says why.
#   healthcheck.sh redis     PING is answered, and it is the master or its link to the master is up
#   healthcheck.sh sentinel  PING is answered, and a master is known
set -eu

role=${1:-}
static=/run/mundo/config/$role.conf

ask() {
    REDISCLI_AUTH=$(cat /run/mundo/secrets/password) timeout 3 redis-cli -h 127.0.0.1 -p "$port" 2>/dev/null
}

unhealthy() {
    echo "$role: $*"
    exit 1
}

case $role in
    redis | sentinel) ;;
    *)
        echo "healthcheck: unknown role '$role': allowed are redis, sentinel"
        exit 1
        ;;
esac
port=$(awk '$1 == "port" { print $2 }' "$static")

if [ "$role" = redis ]; then
    answer=$(printf 'PING\nINFO replication\n' | ask | tr -d '\r') || unhealthy "no answer to PING"
    case $answer in
        PONG*) ;;
        *) unhealthy "PING: $(echo "$answer" | head -n 1)" ;;
    esac
    case $answer in
        *role:master* | *master_link_status:up*) echo "redis: ok" ;;
        *) unhealthy "the link to the master is down" ;;
    esac
else
    name=$(awk '$1 == "#mundo" && $2 == "master-name" { print $3 }' "$static")
    answer=$(printf 'PING\nSENTINEL GET-MASTER-ADDR-BY-NAME %s\n' "$name" | ask) || unhealthy "no answer to PING"
    [ "$(echo "$answer" | head -n 1)" = PONG ] || unhealthy "PING: $(echo "$answer" | head -n 1)"
    master=$(echo "$answer" | sed -n '2p')
    case $master in
        [0-9]*.*) echo "sentinel: master $master" ;;
        *) unhealthy "no master is known" ;;
    esac
fi
