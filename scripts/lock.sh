# Source this from bash. `with_lock <name> <command>...` runs a command that no other process runs at the same time in this
# checkout; others wait. The lock is the symbolic link build/<name>.lock, whose target says who has it: made in one instant,
# and needing no tool that may be missing. It counts as left behind when its process no longer lives, or, where that cannot be
# told because it runs on another host, when it is half an hour old.

lock_is_stale() {
  local target holder host
  target="$(readlink "$1")" || return 1
  holder="${target%@*}"
  host="${target#*@}"
  if [ "$host" = "$(uname -n)" ]; then
    ! kill -0 "$holder" 2>/dev/null && [ ! -d "/proc/$holder" ]
  else
    [ -n "$(find "$1" -maxdepth 0 -mmin +30 2>/dev/null)" ]
  fi
}

# Only one process at a time may take a stale lock away: a second one could take away the lock of the first one's successor.
remove_stale_lock() {
  if mkdir "$1.breaking" 2>/dev/null; then
    if lock_is_stale "$1"; then rm -f "$1"; fi
    rmdir "$1.breaking"
  elif [ -n "$(find "$1.breaking" -maxdepth 0 -mmin +1 2>/dev/null)" ]; then
    rmdir "$1.breaking" 2>/dev/null
  fi
}

with_lock() {
  local lock="$root/build/$1.lock" what="$1" told=""
  shift
  mkdir -p "$root/build"
  (
    me="${BASHPID:-$$}@$(uname -n)"
    until ln -s "$me" "$lock" 2>/dev/null; do
      if [ ! -w "$root/build" ]; then
        echo "assay: cannot write to $root/build" >&2
        exit 1
      elif lock_is_stale "$lock"; then
        remove_stale_lock "$lock"
      elif [ -z "$told" ] && [ -L "$lock" ]; then
        told=1
        echo "assay: waiting for process $(readlink "$lock") ($what); if there is none, remove $lock" >&2
      fi
      sleep 0.2
    done
    trap 'if [ "$(readlink "$lock")" = "$me" ]; then rm -f "$lock"; fi' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    "$@"
  )
}
