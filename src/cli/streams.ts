import { exitStatus } from "./exitStatus.ts";

/** The other side has gone away: it has read as much as it wanted. */
const readerGone: readonly unknown[] = ["EPIPE", "ECONNRESET", "ERR_STREAM_DESTROYED"];

/**
 * Takes care that what happens to standard output and error does not change a command's answer, which is its exit status: a
 * reader that has gone away does nothing to it; output that cannot be written (no space) is said, and the status is then
 * `failed`. Call once, before anything is written.
 */
export function guardStreams(): void {
  let failed = false;
  // Nowhere is left to say that.
  process.stderr.on("error", () => {});
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (failed || readerGone.includes(error.code)) return;
    failed = true;
    process.stderr.write(`assay: cannot write the output: ${error.message}\n`);
  });
  process.on("exit", () => {
    if (failed) process.exitCode = exitStatus.failed;
  });
}
