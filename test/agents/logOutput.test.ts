import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createLog } from "../../src/agents/log.ts";
import { LogOutput } from "../../src/agents/logOutput.ts";
import { prettyLines } from "../../src/agents/prettyLog.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "assay-log-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A log in a file; while the disk is full only so many bytes of each write get there. */
function logOnDisk(format?: typeof prettyLines) {
  const file = join(folder, "log");
  const descriptor = openSync(file, "a");
  const full = openSync("/dev/full", "w");
  const disk = { room: Number.POSITIVE_INFINITY };
  const losses: string[] = [];
  const output = new LogOutput(
    descriptor,
    (why) => losses.push(why),
    (to, bytes) => {
      const fits = bytes.subarray(0, disk.room);
      if (fits.length === 0) return writeSync(full, bytes);
      disk.room -= fits.length;
      return writeSync(to, fits);
    },
  );
  const log = createLog("verifier", "info", output, format);
  const lines = () => readFileSync(file, "utf8").trimEnd().split("\n");
  const close = () => [descriptor, full].map(closeSync);
  return { disk, losses, log, lines, close };
}

describe("a log whose disk is full", () => {
  it("loses lines, counts them, and goes on when there is room, saying so", () => {
    const { disk, losses, log, lines, close } = logOnDisk();
    log.info({}, "before");
    disk.room = 0;
    for (let i = 0; i < 3; i++) log.info({}, `lost ${i}`);
    expect(log.lost?.()).toBe(3);
    disk.room = Number.POSITIVE_INFINITY;
    log.info({}, "after");
    const told = lines().map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(told.map(({ msg }) => msg)).toEqual([
      "before",
      "lines of this log are lost: it could not be written",
      "after",
    ]);
    expect(told[1]).toMatchObject({ level: "error", lines: 3, why: expect.stringContaining("ENOSPC") });
    expect(losses).toHaveLength(1);
    log.info({}, "later");
    expect(lines()).toHaveLength(4);
    close();
  });

  it("keeps what follows apart from a line that was cut", () => {
    const { disk, log, lines, close } = logOnDisk();
    disk.room = 10;
    log.info({}, "cut");
    disk.room = Number.POSITIVE_INFINITY;
    log.info({}, "after");
    const [cut, ...others] = lines();
    expect(cut).toHaveLength(10);
    expect(others.map((line) => (JSON.parse(line) as { msg: string }).msg)).toHaveLength(2);
    close();
  });

  it("says it in text for people too", () => {
    const { disk, log, lines, close } = logOnDisk(prettyLines);
    disk.room = 0;
    log.info({}, "lost");
    disk.room = Number.POSITIVE_INFINITY;
    log.info({}, "after");
    expect(lines()).toEqual([
      expect.stringMatching(/ERROR lines of this log are lost: .* lines=1$/),
      expect.stringMatching(/INFO {2}after$/),
    ]);
    close();
  });
});
