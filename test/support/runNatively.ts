import { gunzipSync } from "node:zlib";
import { extract } from "tar-stream";
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

/** One entry of an archive, as a reader independent of ours sees it. */
export interface TarEntry {
  readonly path: string;
  readonly type: string;
  readonly mode: number;
  readonly owner: readonly (number | string)[];
  readonly time: number;
  readonly target?: string;
  readonly content: Uint8Array;
}

/** Reads a `.tar.gz` with Node's zlib and tar-stream. */
export async function readTarball(artifact: Uint8Array): Promise<TarEntry[]> {
  const reader = extract();
  reader.end(gunzipSync(artifact));
  const entries: TarEntry[] = [];
  for await (const stream of reader) {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    const { name, type, mode, uid, gid, uname, gname, mtime, linkname } = stream.header;
    entries.push({
      path: name,
      type: type ?? "?",
      mode: mode ?? 0,
      owner: [uid ?? -1, gid ?? -1, uname ?? "", gname ?? ""],
      time: (mtime?.getTime() ?? Number.NaN) / 1000,
      ...(linkname ? { target: linkname } : {}),
      content: new Uint8Array(Buffer.concat(chunks)),
    });
  }
  return entries;
}
