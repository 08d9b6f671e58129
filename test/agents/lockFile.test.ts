import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { takeLock } from "../../src/agents/lockFile.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "assay-lock-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("the lock of a state directory", () => {
  it("is refused while its holder lives, and free after release", () => {
    const lock = takeLock(folder);
    expect(() => takeLock(folder)).toThrowError(
      expect.objectContaining({ code: "agents/locked", details: { folder, pid: process.pid } }),
    );
    lock.release();
    expect(readdirSync(folder)).toEqual([]);
    takeLock(folder).release();
  });

  it("is taken over from a process that was killed", async () => {
    const child = spawn("sleep", ["100"]);
    await once(child, "spawn");
    writeFileSync(join(folder, "lock"), `${child.pid} \n`);
    child.kill("SIGKILL");
    await once(child, "exit");
    takeLock(folder).release();
    expect(existsSync(join(folder, "lock"))).toBe(false);
  });

  it("is taken over when its holder's number belongs to another process by now", () => {
    writeFileSync(join(folder, "lock"), `${process.pid} 1\n`);
    takeLock(folder).release();
  });

  it.each(["", "garbage", "0 0", "-1 5"])("is taken over when it holds %j", (text) => {
    writeFileSync(join(folder, "lock"), text);
    takeLock(folder).release();
  });

  it("is not released by somebody else's release", () => {
    const lock = takeLock(folder);
    writeFileSync(join(folder, "lock"), "1 0\n");
    lock.release();
    expect(existsSync(join(folder, "lock"))).toBe(true);
  });
});
