# shellcheck shell=bash
# What every script of the image shares. Sourced.
# shellcheck disable=SC2034  # whoever sources it uses them
CONFIG=${MUNDO_CONFIG_DIR:-/run/mundo/config}
SECRETS=${MUNDO_SECRETS_DIR:-/run/mundo/secrets}
SHARE=/usr/local/share/mundo
VOLUME=$(dirname "$PGDATA")
STANZA=mundo
REPOSITORY=/var/lib/pgbackrest

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

# Whether the repository holds a whole backup, of whatever cluster. One that is being made has no manifest yet.
has_backups() { compgen -G "$REPOSITORY/backup/$STANZA/[0-9]*F/backup.manifest" >/dev/null; }

# promoted FOLDER PRIVATE: waits until the server has played the log and takes connections; fails where it gives up.
promoted() {
    until [[ $(psql -X -A -t -q -h "$2" -d postgres -c 'SELECT pg_is_in_recovery()' 2>/dev/null) == f ]]; do
        pg_ctl --pgdata="$1" status >/dev/null || return
        sleep 0.2
    done
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
    options="-c config_file=$private/postgresql.conf"
    for line in first again; do
        if pg_ctl --pgdata="$folder" --silent --wait --timeout=86400 --log="$private/server.log" -o "$options" start &&
            promoted "$folder" "$private"; then
            # Nothing of the restore may act on a later recovery.
            : >"$folder/postgresql.auto.conf"
            return
        fi
        grep -q 'recovery ended before configured recovery target was reached' "$private/server.log" || break
        [[ $line == first ]] || break
        grep -q '^recovery_target_time' "$folder/postgresql.auto.conf" || break
        sed -i '/^recovery_target_/d' "$folder/postgresql.auto.conf"
    done
    die "recovery failed: $(grep -E 'FATAL|PANIC' "$private/server.log" | tail -n 1 | sed 's/.*\(FATAL\|PANIC\): *//')"
}
