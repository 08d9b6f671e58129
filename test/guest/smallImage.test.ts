import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readLock } from "../../scripts/guest/lock.ts";
import { recipes } from "../../scripts/guest/recipes.ts";
import { busyboxCommands } from "../../scripts/guest/smallRoot.ts";
import { decisiveVersions } from "../../scripts/guest/toolchain.ts";
import { sha256Of } from "../../src/guest/images/node/downloads.ts";
import { pinnedImageFiles } from "../support/guestRun.ts";

/** The pinned image comes out only where its compilers are. */
async function hasPinnedToolchain(): Promise<boolean> {
  const { toolchain } = readLock();
  const here = await decisiveVersions().catch(() => ({}));
  return pinnedImageFiles() !== undefined && JSON.stringify(here) === JSON.stringify(toolchain);
}

describe.runIf(await hasPinnedToolchain())("small image", () => {
  it("has the same bytes when it is built in another folder, under another umask", async () => {
    const lock = readLock();
    const work = await mkdtemp(join(tmpdir(), "assay-small-"));
    const umask = process.umask(0o077);
    try {
      expect(await sha256Of(await recipes.small.make(lock, work))).toBe(lock.images.small);
    } finally {
      process.umask(umask);
      await rm(work, { recursive: true });
    }
    // Compiles tcc twice.
  });
});

describe("commands of a busybox", () => {
  const names = ["[", "[[", ...Array.from({ length: 100 }, (_, i) => `c${i}`), "sh"];

  it("are read from its table", () => {
    expect(busyboxCommands(Buffer.from(`code\0\0${names.join("\0")}\0\0more`))).toEqual(names);
  });

  it.each([
    ["no table", "code"],
    ["a table without an end", `code\0${names.join("\0")}`],
    ["a table of something else", `code\0[\0[[\0A B\0\0`],
  ])("are not guessed where there is %s", (_, binary) => {
    expect(() => busyboxCommands(Buffer.from(binary))).toThrow(/table/);
  });
});
