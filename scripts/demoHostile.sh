#!/usr/bin/env bash
# `npm run demo:hostile`: sets everything up, then plays wrong claims, reorganisations and a bad endpoint against one honest solver and
# one honest verifier on a chain of another implementation. Exit status 0 only if every fact of the story was checked.
set -euo pipefail
. "$(dirname "$0")/bootstrap.sh"
. scripts/build.sh
exec tsx "$root/scripts/demo/hostile/main.ts" "$@"
