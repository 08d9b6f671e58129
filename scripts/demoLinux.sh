#!/usr/bin/env bash
# `npm run demo:linux`: sets everything up, builds the small guest or takes it from the cache, then plays a whole dispute about
# a build in it on a local chain. Exit status 0 only if every fact of the story was checked.
set -euo pipefail
. "$(dirname "$0")/bootstrap.sh"
. scripts/build.sh
tsx scripts/guest/build.ts small
exec tsx "$root/scripts/demo/linux.ts"
