#!/usr/bin/env bash
# `npm run bench [-- <group> ...]`: sets up, runs the benchmarks of all or the named groups, writes bench/results.json.
set -euo pipefail
. "$(dirname "$0")/bootstrap.sh"
. scripts/build.sh
exec tsx bench/main.ts "$@"
