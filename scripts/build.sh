# Source this after bootstrap.sh: brings contracts, their types and the WebAssembly programs up to date. Compiler output is
# shown when a build fails, not otherwise. A run of all tests has done so for the scripts that it starts.
if [ "${ASSAY_BUILT-}" = true ]; then return 0; fi
build_all() { hardhat build --quiet --no-tests && tsx scripts/buildWasm.ts; }
build_log="$(mktemp)"
if ! with_lock build build_all >"$build_log" 2>&1; then
  cat "$build_log" >&2
  echo "assay: the build failed (its output stands above)" >&2
  exit 1
fi
rm -f "$build_log"
