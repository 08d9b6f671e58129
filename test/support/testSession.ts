import { expect } from "vitest";
import { loadClaimable } from "../../src/machine/claimable.ts";
import { nativeProgramOf } from "../../src/machine/native/nativeProgram.ts";
import { MachineSession } from "../../src/machine/native/session.ts";
import { MemorySnapshotStorage } from "../../src/machine/native/snapshotStorage.ts";
import type { TimelineOptions } from "../../src/machine/native/timeline.ts";
import type { ClaimableProgram, DriveImage } from "../../src/machine/program.ts";
import type { KeccakKernel } from "../../src/merkle/keccakKernel.ts";
import { textModule } from "./textModule.ts";

/** A small drive, where the programs of these tests have room for one. */
export const drives: readonly DriveImage[] = [
  { address: 4096, log2Size: 12, bytes: Uint8Array.from({ length: 999 }, (_, i) => i) },
];

export function claimableText(text: string): ClaimableProgram {
  return loadClaimable(textModule(text));
}

/** A session in this thread with ample budgets, in which nothing may need repair unless `report` is given. */
export function testSession(
  kernel: KeccakKernel,
  program: ClaimableProgram,
  options: Partial<TimelineOptions> = {},
): MachineSession {
  return new MachineSession({
    program: nativeProgramOf(program),
    drives,
    kernel,
    storage: new MemorySnapshotStorage(),
    chainBytes: 1e8,
    sideBytes: 1e8,
    beat: () => {},
    report: (complaint) => expect.unreachable(complaint),
    ...options,
  });
}

/** Checkpoints after each 2^`log2` ticks, a snapshot at each stop. */
export const everyTicks = (log2: number) => ({ log2Arity: 1, checkpointSeconds: 0, log2CheckpointTicks: log2 });

/** Counts ticks in an i64 global, writes to a page that depends on it, calls `$body`; halts after `ticks`. */
export function countingProgram(ticks: number, body = ""): string {
  return `(module
    (memory (export "memory") 4 4)
    (global $count (mut i64) (i64.const 0))
    (func $body ${body})
    (func (export "tick") (result i32) (local $i i32)
      (global.set $count (i64.add (global.get $count) (i64.const 1)))
      (loop $again
        (i64.store offset=8192
          (i32.add (i32.shl (i32.wrap_i64 (global.get $count)) (i32.const 9)) (i32.shl (local.get $i) (i32.const 3)))
          (i64.mul (global.get $count) (i64.const 0x0101010101010101)))
        (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 50))))
      (call $body)
      (i64.eq (global.get $count) (i64.const ${ticks}))))`;
}
