import { pbkdf2Sync } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConsoleLog } from "../../src/agents/consoleLog.ts";
import { buildIdOf } from "../../src/environment/environment.ts";
import { nativeProgramOf } from "../../src/machine/native/nativeProgram.ts";
import { WorkerSession } from "../../src/machine/native/node/workerSession.ts";
import { loadKeccakKernel } from "../../src/merkle/node/keccakKernelNode.ts";
import { guestOf, makeGuestCache } from "../support/guestCache.ts";
import { encodeBuild, pinnedImageFiles } from "../support/guestRun.ts";
import { runAssay } from "../support/spawned.ts";

const lines = 1200;
/** More than the console's ring holds, each line another one. */
const command = `i=0; while [ $i -lt ${lines} ]; do i=$((i+1)); printf '%0998d\\n' $i; done`;
const printed = Array.from({ length: lines }, (_, i) => `${String(i + 1).padStart(998, "0")}\n`).join("");
const mebibyte = 2 ** 20;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "assay-console-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Keeps the host's thread busy, so that output piles up. */
const beBusy = () => void pbkdf2Sync("a", "b", 500_000, 32, "sha512");

describe.runIf(pinnedImageFiles("small"))("a build that prints more than its console's ring holds", () => {
  it("is shown whole and in order to a host that is busy, and kept as far as the log may go", async () => {
    const guest = guestOf(await makeGuestCache(folder));
    const input = encodeBuild({}, { command, outputs: ["none"], tickLimit: 5000n });
    const { program, drives } = await guest.open();
    const log = new ConsoleLog(join(folder, "console.log"), mebibyte);
    const parts: Uint8Array[] = [];
    let next = 0;
    const session = await WorkerSession.start({
      program: nativeProgramOf(program),
      drives: [...drives, { ...guest.drive, bytes: input }],
      console: {
        ring: guest.console!,
        onOutput(content) {
          expect(content.from).toBe(next);
          next += content.bytes.length;
          if (parts.length === 0) beBusy();
          parts.push(content.bytes);
          log.write(content);
        },
      },
    });
    try {
      expect(await session.startRoot()).toBe(buildIdOf(guest, input, await loadKeccakKernel()));
      await session.run({ log2Arity: 4, checkpointSeconds: 2, log2CheckpointTicks: 8 });
    } finally {
      await session.close();
      log.close();
    }
    const all = Buffer.concat(parts);
    expect(all.includes(printed)).toBe(true);
    expect(log.missing).toEqual({ lost: 0, cut: all.length - mebibyte });
    expect(readFileSync(log.file).equals(all.subarray(0, mebibyte))).toBe(true);
  });

  it("is shown and logged whole by the command line", async () => {
    const { xdgCacheHome } = await makeGuestCache(join(folder, "cache"));
    const source = join(folder, "source");
    mkdirSync(source);
    writeFileSync(join(source, "file"), "");
    const args = ["build", source, "--env", "small", "--run", command, "--out", "none", "--json"];
    const { stdout, stderr } = await runAssay(args, { folder, environment: { XDG_CACHE_HOME: xdgCacheHome } });
    const facts = JSON.parse(stdout) as { console: string; consoleMissing?: unknown };
    expect(facts.consoleMissing).toBeUndefined();
    expect(stderr.includes(printed)).toBe(true);
    expect(readFileSync(facts.console, "latin1").includes(printed)).toBe(true);
  });
});
