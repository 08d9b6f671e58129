import { readFile } from "node:fs/promises";
import { type BuildRequest, identifyBuild } from "../../src/build/node/identifyBuild.ts";
import { cacheFolder } from "../../src/core/node/cacheFolder.ts";
import { readManifest } from "../../src/guest/node/environmentCache.ts";
import { layoutOf } from "../../src/guest/startMemory.ts";
import { openEngine } from "../../src/machine/native/engine/engines.ts";
import { nativeProgramOf } from "../../src/machine/native/nativeProgram.ts";
import { RingReader } from "../../src/machine/native/ringBuffer.ts";
import { loadKeccakKernel } from "../../src/merkle/node/keccakKernelNode.ts";

const pageBytes = 4096;

/** A byte of a source file in the guest's memory, at a time when the file has been unpacked but not been read. */
export interface UnreadByte {
  /** Linear address. */
  readonly address: number;
  /** Tick in the middle of the work on what comes before. */
  readonly tick: number;
}

/**
 * Runs a guest's build, without hashing anything, until its console says what it is about to do with a file, and looks for
 * the page of memory that holds the file.
 * @param line of the console; the tick that is returned is in the middle between the file's appearance and the line's.
 * @param text a part of the file within its first page; the byte is the first of it.
 */
export async function findUnreadByte(
  request: BuildRequest,
  file: string,
  { line, text }: { readonly line: string; readonly text: string },
): Promise<UnreadByte> {
  const { environment, drive } = await identifyBuild(request);
  const content = await readFile(file);
  const offset = content.indexOf(text);
  if (offset < 0 || offset >= pageBytes || environment.console === undefined) {
    throw new Error(`${file} has no ${JSON.stringify(text)} in its first page, or this is no build in a guest`);
  }
  const { program, drives } = await environment.open();
  const machine = openEngine(nativeProgramOf(program));
  const memory = new Uint8Array(machine.memory.buffer);
  for (const { address, bytes } of drives) memory.set(bytes, address);
  memory.set(drive, environment.drive.address);

  const reader = new RingReader(environment.console);
  const { ram } = layoutOf(await readManifest(cacheFolder(), environment.name, await loadKeccakKernel()));
  const start = content.subarray(0, Math.min(content.length, pageBytes));
  let said = "";
  let found: { readonly address: number; readonly since: number } | undefined;
  for (let tick = 0; machine.run(1, () => {}) === "yielded"; tick++) {
    const memory = new Uint8Array(machine.memory.buffer);
    said += new TextDecoder().decode(reader.take(memory)?.bytes);
    if (said.includes(line)) {
      if (found === undefined || found.since + 1 >= tick) break;
      return { address: found.address, tick: Math.floor((found.since + tick) / 2) };
    }
    const page = pageWith(Buffer.from(machine.memory.buffer, ram.address, ram.size), start);
    const address = page === undefined ? undefined : ram.address + page + offset;
    if (address === undefined) found = undefined;
    else if (address !== found?.address) found = { address, since: tick };
  }
  throw new Error(`${file} was not in the guest's memory before it said ${JSON.stringify(line)}`);
}

/** Offset of the last page of memory that begins so. */
function pageWith(memory: Buffer, start: Buffer): number | undefined {
  let found: number | undefined;
  for (let at = memory.indexOf(start); at !== -1; at = memory.indexOf(start, at + 1)) {
    if (at % pageBytes === 0) found = at;
  }
  return found;
}
