import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConsoleLog } from "../../src/agents/consoleLog.ts";
import { MemorySnapshotStorage } from "../../src/machine/native/snapshotStorage.ts";
import { loadKeccakKernel } from "../../src/merkle/node/keccakKernelNode.ts";
import { claimableText, countingProgram, everyTicks, testSession } from "../support/testSession.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "console-"));
  file = join(folder, "build", "console.log");
});
afterEach(() => rmSync(folder, { recursive: true }));

const content = (from: number, text: string) => ({ from, bytes: new TextEncoder().encode(text) });

describe("a console's log", () => {
  it("goes on after a crash, also where the ring no longer holds the beginning", () => {
    const before = new ConsoleLog(file);
    before.write(content(0, "one two "));
    before.close();
    const after = new ConsoleLog(file);
    after.write(content(4, "two three"));
    after.close();
    expect(readFileSync(file, "utf8")).toBe("one two three");
  });

  it("misses nothing that an earlier process has written", () => {
    const before = new ConsoleLog(file);
    before.write(content(0, "one two "));
    before.close();
    const after = new ConsoleLog(file, 10);
    after.write(content(4, "two three"));
    expect(after.missing).toEqual({ lost: 0, cut: 3 });
    after.close();
    const late = new ConsoleLog(file);
    late.write(content(12, "four"));
    expect(late.missing).toEqual({ lost: 2, cut: 0 });
    late.close();
    expect(readFileSync(file, "latin1")).toBe("one two th\0\0four");
  });

  it("has zeros where output was lost", () => {
    const log = new ConsoleLog(file);
    log.write(content(0, "a"));
    log.write(content(3, "b"));
    expect(log.missing).toEqual({ lost: 2, cut: 0 });
    log.close();
    expect(readFileSync(file, "latin1")).toBe("a\0\0b");
  });

  it("keeps 64 MiB at most, whatever comes", () => {
    const log = new ConsoleLog(file);
    log.write(content(2 ** 26 - 2, "abc"));
    log.write(content(2 ** 26 + 10, "far away"));
    log.write(content(2 ** 50, "farther"));
    expect(log.missing).toEqual({ lost: 2 ** 26 - 2, cut: 2 ** 50 + 7 - 2 ** 26 });
    log.close();
    expect(statSync(file).size).toBe(2 ** 26);
  });
});

describe("a console's log that cannot be written", () => {
  it("is an error, unless somebody wants to be told", () => {
    mkdirSync(dirname(file));
    symlinkSync("/dev/full", file);
    expect(() => new ConsoleLog(file).write(content(0, "one"))).toThrow(
      expect.objectContaining({ code: "agents/log-fault" }),
    );
    const said: string[] = [];
    const log = new ConsoleLog(file, undefined, (why) => said.push(why));
    log.write(content(0, "one "));
    log.write(content(4, "two "));
    expect(said).toHaveLength(1);
    rmSync(file);
    log.write(content(8, "three"));
    log.close();
    expect({ ...log.missing, unwritten: log.unwritten }).toEqual({ lost: 0, cut: 0, unwritten: 8 });
    expect(readFileSync(file, "latin1")).toBe(`${"\0".repeat(8)}three`);
  });
});

describe("a run that is taken up again", () => {
  it("shows the state that it begins with, whose output may not have arrived before", async () => {
    const kernel = await loadKeccakKernel();
    const program = claimableText(countingProgram(5));
    const storage = new MemorySnapshotStorage();
    const seen: number[] = [];
    const observe = (memory: Uint8Array) => void seen.push(memory[8192 + 5 * 512]!);
    testSession(kernel, program, { storage }).run(everyTicks(1));
    testSession(kernel, program, { storage, observe }).run(everyTicks(1));
    expect(seen).toEqual([5]);
  });
});
