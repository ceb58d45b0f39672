#!/bin/sh
# Start a Redis server (`entrypoint.sh redis`) or a Sentinel (`entrypoint.sh sentinel`).
#
# The file the program runs with lies in /data, because Redis and Sentinel rewrite it when roles change. It is
# composed anew at every start: today's static part (/run/mundo/config) and secret (/run/mundo/secrets/password),
# with the topology that the previous file remembers, or the seed of the static part on the first start.
#
# Lines "#mundo KEY VALUE..." of the static part are read here: master-name, servers and sentinels (ip:port ...).
set -eu
umask 077

role=${1:-}
config_dir=/run/mundo/config
secret_file=/run/mundo/secrets/password
data_dir=/data

fail() {
    echo "entrypoint: $*" >&2
    exit 1
}

case $role in
    redis | sentinel) ;;
    *) fail "unknown role '$role': allowed are redis, sentinel" ;;
esac
static=$config_dir/$role.conf
effective=$data_dir/$role.conf
[ -r "$static" ] || fail "no readable configuration at $static"
[ -r "$secret_file" ] || fail "no readable password at $secret_file"
[ -w "$data_dir" ] || fail "$data_dir is not writable by uid $(id -u)"
password=$(cat "$secret_file")
[ -n "$password" ] || fail "the password in $secret_file is empty"

# directive KEY: the value of a "#mundo KEY VALUE" line of the static part.
directive() {
    awk -v key="$1" '$1 == "#mundo" && $2 == key { $1 = $2 = ""; sub(/^ +/, ""); print }' "$static"
}

master_name=$(directive master-name)
servers=$(directive servers)
sentinels=$(directive sentinels)
[ -n "$master_name" ] && [ -n "$servers" ] && [ -n "$sentinels" ] ||
    fail "$static must hold the lines '#mundo master-name', '#mundo servers' and '#mundo sentinels'"

# The password as a double-quoted token of Redis's configuration language.
quoted_password=\"$(printf '%s' "$password" | sed 's/[\\"]/\\&/g')\"

# is_one_of IP:PORT LIST: addresses of a former subnet are forgotten.
is_one_of() {
    case " $2 " in
        *" $1 "*) return 0 ;;
        *) return 1 ;;
    esac
}

# Whether an earlier start left a whole file (an empty one, of a full disk, remembers nothing).
remembers() {
    [ -f "$effective" ] && grep -q '^port ' "$effective"
}

# ask_sentinel IP:PORT: one line "epoch ip:port failover|settled", or nothing within a second.
ask_sentinel() {
    printf 'SENTINEL GET-MASTER-ADDR-BY-NAME %s\nSENTINEL MASTER %s\n' "$master_name" "$master_name" |
        REDISCLI_AUTH=$password timeout 1 redis-cli -h "${1%:*}" -p "${1##*:}" -t 0.5 2>/dev/null |
        awk 'NR == 1 { ip = $1 }
             NR == 2 { port = $1 }
             NR > 2 && NR % 2 == 1 { field = $1 }
             NR > 2 && NR % 2 == 0 { value[field] = $1 }
             END {
                 state = value["flags"] ~ /failover_in_progress/ ? "failover" : "settled"
                 if (ip ~ /^[0-9.]+$/ && "config-epoch" in value) print value["config-epoch"], ip ":" port, state
             }' || true
}

# ask_sentinels: the answer of the newest epoch; all are asked at once. A failover under way outweighs its old result.
ask_sentinels() {
    answers=$(mktemp -d /tmp/sentinels.XXXXXX)
    for sentinel in $sentinels; do
        ask_sentinel "$sentinel" >"$answers/$sentinel" &
    done
    wait
    cat "$answers"/* | sort -k1,1n -k3,3r | tail -n 1
    rm -rf "$answers"
}

# master_to_follow: ip:port of the server to replicate, or nothing when this one is the master.
master_to_follow() {
    own=$(awk '$1 == "replica-announce-ip" { ip = $2 } $1 == "port" { port = $2 } END { print ip ":" port }' "$static")
    if remembers; then
        known=$(awk 'tolower($1) == "replicaof" { print $2 ":" $3 }' "$effective")
    else
        known=$(awk '$1 == "replicaof" { print $2 ":" $3 }' "$static")
    fi
    if [ -n "$known" ] && ! is_one_of "$known" "$servers"; then
        known=$(awk '$1 == "replicaof" { print $2 ":" $3 }' "$static")
    fi
    # A server that comes back during a failover waits for its end instead of being a second master for a moment.
    for _ in 1 2 3 4 5 6; do
        answer=$(ask_sentinels)
        case $answer in
            *failover) sleep 0.5 ;;
            *) break ;;
        esac
    done
    said=$(echo "$answer" | cut -d ' ' -f 2)
    if [ -n "$said" ] && is_one_of "$said" "$servers"; then
        known=$said
    fi
    [ "$known" = "$own" ] || echo "$known"
}

compose_redis() {
    hash=$(printf '%s' "$password" | sha256sum | cut -d ' ' -f 1)
    master=$(master_to_follow)
    # "user NAME on RULES" gets its password here.
    awk -v hash="$hash" '
        $1 == "replicaof" || $1 == "#mundo" { next }
        $1 == "user" { sub(/ on /, " on #" hash " ") }
        { print }' "$static"
    printf 'masterauth %s\n' "$quoted_password"
    if [ -n "$master" ]; then
        printf 'replicaof %s %s\n' "${master%:*}" "${master##*:}"
        echo "entrypoint: starting as a replica of $master" >&2
    else
        echo "entrypoint: starting as the master" >&2
    fi
}

compose_sentinel() {
    monitored=
    if remembers; then
        monitored=$(awk -v name="$master_name" \
            '$1 == "sentinel" && $2 == "monitor" && $3 == name { print $4 ":" $5 }' "$effective")
    fi
    if [ -z "$monitored" ] || ! is_one_of "$monitored" "$servers"; then
        grep -v '^#mundo ' "$static"
        monitored=
        echo "entrypoint: starting with the seed's master" >&2
    else
        awk -v name="$master_name" -v ip="${monitored%:*}" -v port="${monitored##*:}" '
            $1 == "#mundo" { next }
            $1 == "sentinel" && $2 == "monitor" && $3 == name { $4 = ip; $5 = port }
            { print }' "$static"
        echo "entrypoint: starting with the remembered master $monitored" >&2
    fi
    printf 'requirepass %s\nsentinel auth-pass %s %s\n' "$quoted_password" "$master_name" "$quoted_password"
    remembers || return 0
    # The identity stays in any case; epochs and peers only belong to a topology that still stands.
    awk -v keep="$monitored" -v servers=" $servers " -v sentinels=" $sentinels " '
        $1 != "sentinel" { next }
        $2 == "myid" { print }
        keep == "" { next }
        $2 == "current-epoch" || $2 == "config-epoch" || $2 == "leader-epoch" { print }
        ($2 == "known-replica" || $2 == "known-slave") && index(servers, " " $4 ":" $5 " ") { print }
        $2 == "known-sentinel" && index(sentinels, " " $4 ":" $5 " ") { print }' "$effective"
}

"compose_$role" >"$effective.new"
mv -f "$effective.new" "$effective"
unset password quoted_password

if [ "$role" = sentinel ]; then
    exec redis-sentinel "$effective"
fi
exec redis-server "$effective"
