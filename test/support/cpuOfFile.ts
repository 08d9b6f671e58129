import { afterAll } from "vitest";
import { cpuSeconds } from "../../scripts/tests/cpuSeconds.ts";

declare module "vitest" {
  interface TaskMeta {
    /** Seconds of CPU time that a test file took, with the processes that it started. */
    cpuSeconds?: number;
  }
}

// A set-up file is run before each test file: this counts the file's imports, too.
const before = cpuSeconds();
// biome-ignore lint/correctness/noEmptyPattern: vitest asks for a pattern before the file.
afterAll(({}, file) => {
  file.meta.cpuSeconds = cpuSeconds() - before;
});
