import { describe, expect, it } from "vitest";
import { describeGuestExit } from "../../src/guest/result.ts";

describe("exit code of a guest", () => {
  it.each([
    [0, "the command succeeded"],
    [3, "the command failed with exit code 3"],
    [127, "the command was not found (127)"],
    [137, "the command was killed by SIGKILL, perhaps because memory ran out (137)"],
    [139, "the command was killed by SIGSEGV (139)"],
    [150, "the command was killed by signal 22 (150)"],
    [241, "the command succeeded, but at an output path it left neither a file nor a folder"],
    [258, "the guest rebooted: its kernel panicked, or the command asked for it"],
    [261, "the build used up its limit of ticks"],
    [260, "unknown exit code 260"],
    [-1, "unknown exit code -1"],
  ])("%i means: %s", (code, words) => {
    expect(describeGuestExit(code)).toBe(words);
  });
});
