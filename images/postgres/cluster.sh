# shellcheck shell=bash
# What every script of the image shares. Sourced.
# shellcheck disable=SC2034  # whoever sources it uses them
CONFIG=${MUNDO_CONFIG_DIR:-/run/mundo/config}
SECRETS=${MUNDO_SECRETS_DIR:-/run/mundo/secrets}
SHARE=/usr/local/share/mundo
VOLUME=$(dirname "$PGDATA")
STANZA=mundo
REPOSITORY=/var/lib/pgbackrest
# For whoever cannot wait long: silence after which a bucket counts as away. A few tries follow.
SOON=(--io-timeout=3)

say() { printf '%s: %s\n' "$(basename "$0" .sh)" "$*" >&2; }
die() {
    say "$*"
    exit 1
}

archiving() { [[ -e $CONFIG/pgbackrest.conf ]]; }

# Two servers on one volume would destroy it, and PostgreSQL's own check sees only its own container. The lock stays
# with the server that the entrypoint becomes, and with it held a pid file can only be a dead server's.
lock_volume() {
    exec 9>"$VOLUME/.lock"
    flock --wait 15 9 || die "another server is running on this data volume"
}

# init_cluster FOLDER LOG: an empty cluster, as every cluster of this image is.
init_cluster() {
    initdb --pgdata="$1" --username=postgres --encoding=UTF8 --data-checksums \
        --locale-provider=builtin --builtin-locale=C.UTF-8 --locale=C.UTF-8 \
        --auth-local=peer --auth-host=scram-sha-256 >"$2" 2>&1 ||
        die "initdb failed: $(tail -n 3 "$2" | tr '\n' ' ')"
}

# private_options FOLDER: options of a server that nobody else reaches, on a socket in FOLDER. Statements with passwords
# must reach neither its log nor pg_stat_statements, whatever the config says, and no job of the database runs.
private_options() {
    printf 'local all postgres peer\n' >"$1/pg_hba.conf"
    printf ' -c %s' "config_file=$CONFIG/postgresql.conf" "hba_file=$1/pg_hba.conf" listen_addresses= \
        "unix_socket_directories=$1" logging_collector=off log_statement=none log_min_duration_statement=-1 \
        log_min_error_statement=panic log_connections=off log_disconnections=off pg_stat_statements.track=none \
        cron.launch_active_jobs=off
}

# take_place NEW KEPT: a whole cluster takes the place of the one that is there, which is kept under another name.
take_place() {
    if [[ -e $PGDATA ]]; then
        mv "$1" "$2"
        # In one step: there is no moment without a whole cluster in its place.
        mv --exchange --no-target-directory "$2" "$PGDATA"
        say "the former cluster is kept as ${2##*/}"
    else
        mv "$1" "$PGDATA"
    fi
    sync -f "$VOLUME"
}

in_bucket() { grep -qx 'repo1-type=s3' "$CONFIG/pgbackrest.conf"; }

# What pgBackRest's output says went wrong, in one line: its last error, or the cause below it where that has one, and a
# bucket's own word for it.
reason() {
    local said error cause word
    said=$(</dev/stdin)
    error=$(sed -nE 's/^.*ERROR: (\[[0-9]+\]: )?//p' <<<"$said" | tail -n 1)
    cause=$(sed -nE 's/^ +[A-Za-z]+Error: //p' <<<"$said" | tail -n 1)
    [[ $error != *: || -z $cause ]] || error=$cause
    word=$(grep -oE '<Code>[^<]+' <<<"$said" | tail -n 1) || true
    printf '%s' "${error%:}${word:+: ${word#<Code>}}" | cut -c -400
}

# Whether the repository holds a whole backup, of whatever cluster: 0 yes, 1 no, 2 it cannot be read, and UNREADABLE
# says why.
has_backups() {
    local told found='"status":\{"code":99,"message":"(\[[A-Za-z]+\] )?([^"\\]*)' word='<Code>([^<]+)'
    UNREADABLE=
    if ! told=$(pgbackrest --stanza="$STANZA" "${SOON[@]}" --output=json info 2>&1); then
        UNREADABLE=$(reason <<<"$told")
    elif [[ $told =~ $found ]]; then
        UNREADABLE=${BASH_REMATCH[2]%:}
        [[ ! $told =~ $word ]] || UNREADABLE+=": ${BASH_REMATCH[1]}"
    elif [[ $told == *'"label":'* ]]; then
        return 0
    else
        return 1
    fi
    return 2
}

# promoted FOLDER PRIVATE: waits until the server has played the log and takes connections; fails where it gives up.
promoted() {
    until [[ $(psql -X -A -t -q -h "$2" -d postgres -c 'SELECT pg_is_in_recovery()' 2>/dev/null) == f ]]; do
        pg_ctl --pgdata="$1" status >/dev/null || return
        sleep 0.2
    done
}

# gap PRIVATE: whether the archive goes on beyond the last segment that the server played: one in between is missing.
gap() {
    local newest played
    newest=$(pgbackrest --stanza="$STANZA" --output=json info | grep -oE '"max":"[0-9A-F]{24}"' | tail -n 1)
    played=$(grep -oE 'restored log file "[0-9A-F]{24}"' "$1/server.log" | tail -n 1)
    [[ ${newest: -17} > ${played: -17} ]]
}

# recover FOLDER PRIVATE OPTION...: plays the log over what was restored into FOLDER, up to the target that the restore
# wrote there, and leaves the server running on a socket in PRIVATE. What is beyond the newest segment of the archive
# cannot be asked for: then everything that was archived is what was committed by then.
recover() {
    local folder=$1 private=$2 options line
    shift 2
    printf 'local all all trust\n' >"$private/pg_hba.conf"
    printf "%s\n" "listen_addresses = ''" "unix_socket_directories = '$private'" "hba_file = '$private/pg_hba.conf'" \
        "hot_standby = off" "shared_buffers = 64MB" "timezone = 'UTC'" "log_timezone = 'UTC'" "$@" \
        >"$private/postgresql.conf"
    options="-c config_file=$private/postgresql.conf -c restore_command='archived-segment $folder %f %p'"
    for line in first again; do
        if pg_ctl --pgdata="$folder" --silent --wait --timeout=86400 --log="$private/server.log" -o "$options" start &&
            promoted "$folder" "$private"; then
            # Nothing of the restore may act on a later recovery.
            : >"$folder/postgresql.auto.conf"
            return
        fi
        grep -q 'recovery ended before configured recovery target was reached' "$private/server.log" || break
        [[ $line == first ]] || break
        ! gap "$private" || die "the archive lacks part of the log before that moment"
        grep -q '^recovery_target_time' "$folder/postgresql.auto.conf" || break
        sed -i '/^recovery_target_/d' "$folder/postgresql.auto.conf"
    done
    die "recovery failed: $(grep -E 'FATAL|PANIC' "$private/server.log" | tail -n 1 | sed 's/.*\(FATAL\|PANIC\): *//')"
}
