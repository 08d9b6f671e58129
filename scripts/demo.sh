#!/usr/bin/env bash
# `npm run demo [-- <path or git url> [rev]]`: sets everything up, then plays a whole dispute with real parts on a local
# chain, as `assay demo` does. Exit status 0 only if every fact of the story was checked.
set -euo pipefail
here="$PWD"
. "$(dirname "$0")/bootstrap.sh"
. scripts/build.sh
for argument in "$@"; do
    if [ "$argument" = --open ]; then npm run --silent build:page; fi
done
# Relative paths are those of the folder in which the command was given.
cd "${INIT_CWD:-$here}"
exec "$root/bin/assay" demo "$@"
