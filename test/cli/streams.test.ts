import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { A0, ecall, li } from "../emulator/support/encode.ts";
import { physical } from "../emulator/support/testEnvironments.ts";
import { runInShell } from "../support/spawned.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "assay-streams-"));
  // Its answer is the status 7.
  writeFileSync(join(folder, "failing"), physical([...li(A0, 15), ecall], 3));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const shell = (script: string) => runInShell(script, { folder });

describe("the exit status of a command", () => {
  const command = "assay emulator run failing";

  it.each([
    ["whose reader has gone", `${command} | true; exit "\${PIPESTATUS[0]}"`],
    ["whose reader of JSON has gone", `${command} --json | true; exit "\${PIPESTATUS[0]}"`],
    ["whose readers have all gone", `${command} 2>&1 | true; exit "\${PIPESTATUS[0]}"`],
    ["without any output", `${command} >&- 2>&-`],
    ["that cannot say anything", `${command} 2>/dev/full`],
  ])("%s is its answer", async (_, script) => {
    expect(await shell(script)).toMatchObject({ status: 7, stderr: "" });
  });

  it("whose output cannot be written is that of a failure, which is said in one line", async () => {
    const { status, stderr } = await shell(`${command} >/dev/full`);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^assay: cannot write the output: ENOSPC.*\n$/);
    expect(await shell(`${command} >/dev/full 2>/dev/full`)).toMatchObject({ status: 1, stderr: "" });
  });

  it("that ends with an error is that of the error although nobody hears of it", async () => {
    for (const stderr of ["/dev/full", " >(true)", "&-"]) {
      expect(await shell(`assay emulator run missing 2>${stderr}`), stderr).toMatchObject({ status: 2, stderr: "" });
    }
  });
});
