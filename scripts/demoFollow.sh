#!/usr/bin/env bash
# `npm run demo:follow`: sets everything up, then plays three agents that follow a project, one of which signs what is not so, and a
# client that decides under its own policy. Exit status 0 only if every fact of the story was checked.
set -euo pipefail
. "$(dirname "$0")/bootstrap.sh"
. scripts/build.sh
# Everything is on this machine.
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
# A network and a view of the files of its own, as root or by a user namespace, where the system permits it.
trial='mount -t tmpfs tmpfs /run && ip link add assay0 type bridge && ip link add assay1 type veth peer name assay2 &&
  touch /run/one && unshare --net=/run/one true && nsenter --net=/run/one unshare --mount true'
apart=()
for way in "unshare --net --mount" "unshare --user --map-root-user --net --mount"; do
  if $way sh -c "$trial" >/dev/null 2>&1; then
    read -r -a apart <<<"$way"
    export ASSAY_DEMO_NETWORK=1
    break
  fi
done
exec "${apart[@]}" tsx "$root/scripts/demo/follow/main.ts" "$@"
