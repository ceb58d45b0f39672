#!/bin/bash
# Starts PostgreSQL on the data volume; makes it on an empty one.
# On every start, before the real server listens, a temporary server on a private socket brings roles, their
# passwords, the database and its extensions to what the files in /run/mundo say. With arguments it runs those instead.
set -euo pipefail

# shellcheck source=/dev/null
. /usr/local/share/mundo/cluster.sh
readonly PRIVATE=/tmp/bootstrap SHARED_SOCKET=$VOLUME/socket

check_files() {
    local name
    for name in postgresql.conf pg_hba.conf; do
        [[ -r $CONFIG/$name ]] || die "$CONFIG/$name is missing or not readable by uid $(id -u)"
    done
    for name in owner app ingest exporter reader; do
        [[ -s $SECRETS/${name}_password && -r $SECRETS/${name}_password ]] ||
            die "$SECRETS/${name}_password is missing, empty or not readable by uid $(id -u)"
    done
    [[ -w $VOLUME ]] || die "$VOLUME is not writable by uid $(id -u)"
}

# A cluster appears under its final name only when it is complete, so a killed first start leaves nothing half made.
make_cluster() {
    [[ -s $PGDATA/PG_VERSION ]] && return
    [[ -e $PGDATA ]] && die "$PGDATA exists but holds no PostgreSQL cluster; empty the volume or restore a backup"
    if archiving; then
        local found=0
        has_backups || found=$?
        ((found != 0)) || die "the data volume is empty, but there are backups of a former cluster:" \
            "make restore TO=latest brings it back; to begin anew without them: $(anew)"
        ((found != 2)) || die "the data volume is empty, and whether there are backups cannot be read: $UNREADABLE"
        set_log_aside
    fi
    say "empty volume: making a new cluster"
    rm -rf "$PGDATA.new"
    init_cluster "$PGDATA.new" "$PRIVATE/initdb.log"
    # pg_cron's launcher wants its database from the first real start on.
    echo 'CREATE DATABASE mundo' |
        postgres --single -D "$PGDATA.new" postgres >"$PRIVATE/createdb.log" 2>&1 ||
        die "creating the database failed: $(tail -n 3 "$PRIVATE/createdb.log" | tr '\n' ' ')"
    mv "$PGDATA.new" "$PGDATA"
    sync -f "$VOLUME"
}

anew() { if in_bucket; then echo "another backups.s3.prefix"; else echo "make down, then make up"; fi; }

# The log of a cluster of which there is no backup: of no use to anybody, and in the way of the new one's. Kept all the
# same. In a bucket nothing can be renamed, and it may be another stack's that is just making its first backup.
set_log_aside() {
    local kind
    for kind in archive backup; do
        if in_bucket; then
            [[ -z $(pgbackrest "${SOON[@]}" repo-ls "$kind/$STANZA") ]] ||
                die "there is the log of another cluster, without a backup: $(anew) begins anew"
        elif [[ -e $REPOSITORY/$kind/$STANZA ]]; then
            mv "$REPOSITORY/$kind/$STANZA" "$REPOSITORY/$kind.aside-$(date -u +%Y%m%dT%H%M%SZ)"
        fi
    done
}

# The place of the cluster in the repository, made before the first segment comes; checked when it is there. The server
# runs whatever becomes of it: a log that is not archived raises an alert.
prepare_archive() {
    local said
    archiving || return 0
    # The backup service comes in here; what lies in the folder is a dead server's.
    rm -rf "$SHARED_SOCKET"
    mkdir "$SHARED_SOCKET"
    said=$(pgbackrest --stanza="$STANZA" "${SOON[@]}" --no-online stanza-create 2>&1) && return
    case $said in
        *"do not match"*) say "the backups are those of another cluster, so nothing is archived: make restore brings" \
            "that one back; to begin anew without them: $(anew)" ;;
        *) say "nothing is archived: $(reason <<<"$said")" ;;
    esac
}

check_version() {
    local found wanted
    found=$(<"$PGDATA/PG_VERSION")
    wanted=$(postgres --version | sed -E 's/^postgres \(PostgreSQL\) ([0-9]+).*/\1/')
    [[ $found == "$wanted" ]] || die "the volume holds PostgreSQL $found data, this image is PostgreSQL $wanted"
}

start_private_server() {
    local options
    options=$(private_options "$PRIVATE")
    # What comes to be archived is left to the real server, so that its start never waits for the repository.
    ! archiving || options+=" -c archive_command="
    pg_ctl --pgdata="$PGDATA" --silent --wait --timeout=3600 --log="$PRIVATE/server.log" -o "$options" start ||
        { cat "$PRIVATE/server.log" >&2 && die "the server does not start with $CONFIG/postgresql.conf"; }
}

stop_private_server() { pg_ctl --pgdata="$PGDATA" --silent --wait --mode=fast stop; }

bootstrap() {
    local psql=(psql -X -q -v ON_ERROR_STOP=1 -h "$PRIVATE" -U postgres)
    if ! MUNDO_SECRETS_DIR=$SECRETS "${psql[@]}" -d postgres -f "$SHARE/bootstrap.psql" ||
        ! "${psql[@]}" -d mundo -f "$SHARE/extensions.psql"; then
        cat "$PRIVATE/server.log" >&2
        stop_private_server || true
        die "preparing roles, database and extensions failed"
    fi
}

(($# == 0)) || exec "$@"
umask 077
mkdir -p "$PRIVATE" "$PGHOST"
check_files
lock_volume
rm -f "$PGDATA/postmaster.pid"
make_cluster
check_version
prepare_archive
start_private_server
trap 'stop_private_server || true; exit 130' INT TERM
bootstrap
stop_private_server
trap - INT TERM
rm -rf "$PRIVATE"
exec postgres -D "$PGDATA" -c "config_file=$CONFIG/postgresql.conf" -c "hba_file=$CONFIG/pg_hba.conf"
