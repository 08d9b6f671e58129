import type { Program, ResultRecord } from "../../src/programs/program.ts";
import { readResultRecord } from "../../src/programs/resultRecord.ts";

export interface NativeRun {
  readonly record: ResultRecord;
  readonly artifact: Uint8Array;
  readonly ticks: number;
}

/** Runs a program in plain WebAssembly, without machine and hashing: the artifact, copied, and the number of ticks. */
export function runNatively(program: Program, binary: Uint8Array, drive: Uint8Array, maxTicks = 100_000): NativeRun {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(binary as BufferSource));
  const { memory, tick } = instance.exports as { memory: WebAssembly.Memory; tick: () => number };
  const bytes = new Uint8Array(memory.buffer);
  bytes.set(drive, program.inputDrive.address);
  let ticks = 1;
  while (tick() === 0) if (++ticks > maxTicks) throw new Error(`no end after ${maxTicks} ticks`);
  const record = readResultRecord(bytes);
  const at = program.outputDrive.address;
  return { record, artifact: bytes.slice(at, at + Number(record.artifactSize)), ticks };
}
