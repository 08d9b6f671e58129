#!/usr/bin/env bash
# `npm test`: sets everything up, runs all tests, ends with one line `N passed, N failed, N skipped`.
# `--stage unit|chain|guest|spec` chooses stages, `--times` shows the files that take most CPU time, `--record` writes test/durations.json. Other
# arguments are vitest's (a file name, `-t <name>`, ...), and the Solidity tests are left out then.
set -euo pipefail
. "$(dirname "$0")/bootstrap.sh"
. scripts/build.sh
exec tsx scripts/test.ts "$@"
