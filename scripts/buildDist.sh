#!/usr/bin/env bash
# `npm run build:dist`: compiles what is installed, with declaration files, into `dist`. Nothing of an earlier build stays there.
set -euo pipefail
. "$(dirname "$0")/bootstrap.sh"
rm -rf dist
tsc -p tsconfig.build.json
