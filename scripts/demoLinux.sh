#!/usr/bin/env bash
# `npm run demo:linux [-- <source> --env <name> --run <command> --out <path>]`: sets everything up, builds the guest or takes it
# from the cache, then plays a whole dispute about a build in it on a local chain. Exit status 0 only if every fact of the
# story was checked.
set -euo pipefail
here="$PWD"
. "$(dirname "$0")/bootstrap.sh"
. scripts/build.sh
environment=small
for argument in "$@"; do
  [ "${previous:-}" = --env ] && environment="$argument"
  previous="$argument"
done
if [ "$environment" = small ]; then tsx scripts/guest/build.ts; fi
# Relative paths are those of the folder in which the command was given.
ASSAY_DEMO_FOLDER="${INIT_CWD:-$here}" exec tsx "$root/scripts/demo/linux.ts" "$@"
