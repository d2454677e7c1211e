# Stops a temporary server and removes its folder, even if the tests that used it were killed.
# Called as `sh -c SCRIPT NAME MODE FOLDER`, where MODE is one of
#   wipe   stop the server now and remove its data, but keep the folder;
#   pipe   wait until standard input is closed, which means that the process that owns the cluster has ended;
#   lease  wait until no process holds a lock on FOLDER/lease. Standard input is FOLDER/cleanup.lock, locked: the lock
#          is held until this process ends, and shows others that a cleanup process is running.
mode=$1
folder=$2
data=$folder/run/data

# Ctrl-C ends the tests, but must not end the cleanup.
trap '' HUP INT

# Sets `pid` and succeeds if the server runs. The process ID in an old file may belong to another process by now, so the
# command line must contain the folder.
server_runs() {
    pid=$(head -n 1 "$data/postmaster.pid" 2>/dev/null) && [ -n "$pid" ] || return 1
    case $({ tr '\0' ' ' <"/proc/$pid/cmdline" || ps -o args= -p "$pid"; } 2>/dev/null) in
    *"$data"*) return 0 ;;
    *) return 1 ;;
    esac
}

end_server() {
    server_runs || return 0
    # QUIT stops the server without a checkpoint. A suspended server handles the signal only after CONT.
    kill -QUIT "$pid"
    kill -CONT "$pid"
    tenths=0
    while server_runs; do
        tenths=$((tenths + 1))
        [ "$tenths" -eq 100 ] && kill -KILL "$pid"
        [ "$tenths" -gt 110 ] && break
        sleep 0.1
    done
}

# Renames the folder first, so that no process opens a lock in a partially removed folder.
remove_folder() {
    mv "$folder" "$folder.gone.$$"
    rm -rf "$folder".gone.*
}

# Runs with start.lock (8) and lease (9) open, and cleanup.lock (7) locked. Long-running commands do not inherit
# cleanup.lock: if this shell is killed, they must not keep the lock.
wait_for_last_lease() {
    while :; do
        flock 9 7<&-
        flock -u 9
        # The next test process usually starts soon, and starting a cluster takes longer than waiting.
        sleep 2 7<&- 8<&- 9<&-
        flock 8 7<&-
        flock -n 9 && break
        flock -u 8
    done
    # The folder may have been removed manually and created again by other tests.
    # shellcheck disable=SC3013 # POSIX has -ef since 2024; dash, bash, ksh and busybox had it long before.
    [ "$folder/start.lock" -ef /dev/fd/8 ] || exit 0
    end_server
    remove_folder
}

case $mode in
wipe)
    end_server
    rm -rf "$folder/run"
    ;;
pipe)
    cat >/dev/null
    end_server
    remove_folder
    ;;
lease)
    exec 7<&0 </dev/null 8<>"$folder/start.lock" 9<>"$folder/lease"
    # In the background, so that no test process has to wait for it.
    wait_for_last_lease &
    ;;
esac
