# Ends a throw-away server and removes its folder, whatever became of the tests that used it.
# Called as `sh -c SCRIPT NAME WAY FOLDER`, where WAY is one of
#   wipe   end the server now and remove its data, but keep the folder;
#   pipe   wait until standard input ends, that is until the process that owns the cluster has ended;
#   lease  wait until no process holds a lock on FOLDER/lease. Standard input is FOLDER/guard.lock, locked: the lock
#          is held for as long as this process lives, and tells others that the cluster is guarded.
way=$1
folder=$2
data=$folder/run/data

# Ctrl-C ends the tests; what has to be cleaned up after them must not end with them.
trap '' HUP INT

# Sets `pid` and succeeds if the server runs. A number in an old file may by now belong to any process, so the command
# line has to name our folder.
server_runs() {
    pid=$(head -n 1 "$data/postmaster.pid" 2>/dev/null) && [ -n "$pid" ] || return 1
    case $({ tr '\0' ' ' <"/proc/$pid/cmdline" || ps -o args= -p "$pid"; } 2>/dev/null) in
    *"$data"*) return 0 ;;
    *) return 1 ;;
    esac
}

end_server() {
    server_runs || return 0
    # QUIT ends it at once, without saving anything; a server that a test has frozen must go on to see it.
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

# The folder gets another name first, so that nobody can open a lock in one that is half removed.
remove_folder() {
    mv "$folder" "$folder.gone.$$"
    rm -rf "$folder".gone.*
}

# Runs with the locks start.lock (8) and lease (9) open, and guard.lock (7) held. Commands that take long do not
# inherit the latter: if this shell is killed, they must not go on pretending that there is a guardian.
wait_for_last_lease() {
    while :; do
        flock 9 7<&-
        flock -u 9
        # The next test process usually comes within moments, and starting a cluster takes longer than keeping it.
        sleep 2 7<&- 8<&- 9<&-
        flock 8 7<&-
        flock -n 9 && break
        flock -u 8
    done
    # Somebody may have removed the folder by hand, and another one of that name is not ours.
    # shellcheck disable=SC3013 # POSIX has -ef since 2024; dash, bash, ksh and busybox had it long before.
    [ "$folder/start.lock" -ef /dev/fd/8 ] || exit 0
    end_server
    remove_folder
}

case $way in
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
    # In the background, so that it is nobody's child and no test process has to wait for it.
    wait_for_last_lease &
    ;;
esac
