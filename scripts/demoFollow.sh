#!/usr/bin/env bash
# `npm run demo:follow`: sets everything up, then plays three agents that follow a project, one of which signs what is not so, and a
# client that decides under its own policy. Exit status 0 only if every fact of the story was checked.
set -euo pipefail
. "$(dirname "$0")/bootstrap.sh"
. scripts/build.sh
exec tsx "$root/scripts/demo/follow/main.ts" "$@"
