#!/usr/bin/env bash
# `npm test`: sets everything up, runs all tests, ends with one line `N passed, N failed, N skipped`.
# Arguments are passed to vitest (a file name, `--project unit`, ...), and the Solidity tests are left out then.
set -euo pipefail
. "$(dirname "$0")/bootstrap.sh"
. scripts/build.sh
exec tsx scripts/test.ts "$@"
