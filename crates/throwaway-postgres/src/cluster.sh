#!/bin/sh
# Runs a temporary Postgres server, which listens only on a Unix socket in a private folder.
#
#   cluster.sh run     creates and starts a server, prints the folder of its socket, and obeys the commands on standard
#                      input: `start`, `stop MODE` (a mode of `pg_ctl stop`), `pause` and `resume`. It answers each with
#                      `done` or with an error. When standard input is closed, it stops the server and removes the folder:
#                      the kernel closes it when the process that started this script ends, even if that was killed.
#   cluster.sh find    prints the folder of the server's programs, or fails.
set -u

# Ctrl-C, `kill` of the process group and the end of a test that waits for its server must not prevent the cleanup.
trap '' HUP INT TERM PIPE

# Debian does not add the programs to PATH.
find_programs() {
    # An explicit setting must not fall back to another installation.
    if [ -n "${PGTEST_BIN:-}" ]; then
        candidates=$PGTEST_BIN
    else
        # The programs look for each other in the folder of the link's target.
        candidates="$(dirname "$(readlink -f "$(command -v initdb)")")
            $(ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql@*/bin \
                /usr/local/opt/postgresql@*/bin | sort -rV)
            $(pg_config --bindir)"
    fi 2>/dev/null
    for programs in $candidates; do
        [ -x "$programs/initdb" ] && [ -x "$programs/pg_ctl" ] && [ -x "$programs/postgres" ] && return
    done
    echo "No Postgres server (initdb, pg_ctl and postgres, version 13 or newer) was found for the tests:" \
        "install the package \`postgresql\` (scripts/test does that on Debian and Ubuntu)," \
        "or name the folder of these programs in PGTEST_BIN."
    return 1
}

# Postgres refuses to run as root.
choose_user() {
    [ "$(id -u)" -eq 0 ] || return 0
    for user in postgres nobody; do
        id "$user" >/dev/null 2>&1 && return
    done
    echo "Postgres cannot run as root: add a user \`postgres\` or \`nobody\`."
    return 1
}

as_user() {
    if [ -n "${user:-}" ]; then
        set -- setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups "$@"
    fi
    env -i LC_ALL=C PATH=/usr/bin:/bin TZ=UTC "$@" </dev/null
}

# In memory, databases are created several times faster, but a container may have as little as 64 MiB of it.
# Not in TMPDIR: the path of a Unix socket has at most 107 bytes, and the server's user must be able to access it.
create_folder() {
    parent=/dev/shm
    free=$(df -Pk "$parent" 2>/dev/null | awk 'END { print $4 }')
    [ "${free:-0}" -ge 1048576 ] 2>/dev/null || parent=/tmp
    folder=$(mktemp -d "$parent/pgtest-XXXXXXXX") || return 1
    data=$folder/data
    [ -z "${user:-}" ] || chown "$user" "$folder"
}

# Nothing is flushed to disk, because no data must survive a crash of the machine, unless PGTEST_TRACE is set: then the file
# `trace` in the folder lists the writes and flushes of all processes. Shared memory is in the folder, so that
# removing the folder removes it too.
create_server() {
    as_user "$programs/initdb" -U postgres -A trust -E UTF8 --locale=C --no-sync -D "$data" || return 1
    cat >>"$data/postgresql.conf" <<SETTINGS
listen_addresses = ''
unix_socket_directories = '$folder'
max_connections = 300
fsync = ${PGTEST_TRACE:-off}
full_page_writes = off
autovacuum = off
jit = off
wal_level = minimal
max_wal_senders = 0
dynamic_shared_memory_type = mmap
synchronous_commit = ${PGTEST_SYNCHRONOUS_COMMIT:-on}
SETTINGS
}

start() {
    # The server is the child of the tracer's target, which every user may trace.
    as_user ${PGTEST_TRACE:+strace -D -f -y -ttt -T -s 65536 -e trace=pwrite64,fdatasync,fsync -o "$folder/trace"} "$programs/pg_ctl" start -w -t 120 -D "$data" -l "$folder/log" || {
        cat "$folder/log"
        return 1
    }
}

stop() {
    resume
    as_user "$programs/pg_ctl" stop -w -t 120 -m "$1" -D "$data"
}

# Sends a signal to the server and to its child processes.
send() {
    server=$(head -n 1 "$data/postmaster.pid" 2>/dev/null) || return 0
    children=$(cat "/proc/$server/task/$server/children" 2>/dev/null ||
        ps -A -o pid= -o ppid= | awk -v server="$server" '$2 == server { print $1 }')
    # The server first, so that it starts no further processes. A process may have ended meanwhile.
    # shellcheck disable=SC2086
    kill -"$1" "$server" $children 2>/dev/null
    return 0
}

# A paused server accepts connections (the kernel does) and never answers.
pause() {
    send STOP
}

resume() {
    send CONT
}

run() {
    # The pipe of the server that all tests share: this one must not keep it open.
    exec 9>&-
    find_programs && choose_user && create_folder || return 1
    if ! { create_server && start; } >"$folder/output" 2>&1; then
        cat "$folder/output"
        rm -rf "$folder"
        return 1
    fi
    echo "$folder"
    while read -r command argument; do
        if output=$("$command" "$argument" 2>&1); then
            echo done
        else
            echo "$command failed: $output" | tr '\n' ' '
            echo
        fi
    done
    stop immediate >/dev/null 2>&1
    rm -rf "$folder"
}

case $1 in
run) run ;;
find) find_programs && echo "$programs" ;;
esac
