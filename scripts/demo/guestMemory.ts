import { readFile } from "node:fs/promises";
import { type BuildRequest, identifyBuild } from "../../src/build/node/identifyBuild.ts";
import { cacheFolder } from "../../src/core/node/cacheFolder.ts";
import { readManifest } from "../../src/guest/node/environmentCache.ts";
import { layoutOf } from "../../src/guest/startMemory.ts";
import { openEngine } from "../../src/machine/native/engine/engines.ts";
import { nativeProgramOf } from "../../src/machine/native/nativeProgram.ts";
import { RingReader } from "../../src/machine/native/ringBuffer.ts";
import { loadKeccakKernel } from "../../src/merkle/node/keccakKernelNode.ts";

/** A byte of a source file in the guest's memory, at a time when the file is there but has not been read. */
export interface UnreadByte {
  /** Linear address. */
  readonly address: number;
  /** Tick in the middle of the work on what comes before. */
  readonly tick: number;
}

/**
 * Runs a guest's build, without hashing anything, until its console says what it is about to do with a file, and looks for
 * the file in RAM: small ones stand beside what the kernel knows of them, and come into its cache with that.
 * @param line of the console; the tick that is returned is in the middle between the file's appearance and the line's.
 * @param text a part of the file; the byte is the first of it.
 */
export async function findUnreadByte(
  request: BuildRequest,
  file: string,
  { line, text }: { readonly line: string; readonly text: string },
): Promise<UnreadByte> {
  const { environment, drive } = await identifyBuild(request);
  const content = await readFile(file);
  if (!content.includes(text) || environment.console === undefined) {
    throw new Error(`${file} has no ${JSON.stringify(text)}, or this is not a build in a guest`);
  }
  const { program, drives } = await environment.open();
  const machine = openEngine(nativeProgramOf(program));
  const memory = new Uint8Array(machine.memory.buffer);
  for (const { address, bytes } of drives) memory.set(bytes, address);
  memory.set(drive, environment.drive.address);

  const reader = new RingReader(environment.console);
  const { ram } = layoutOf(await readManifest(cacheFolder(), environment.name, await loadKeccakKernel()));
  let said = "";
  let found: { readonly address: number; readonly since: number } | undefined;
  for (let tick = 0; machine.run(1, () => {}) === "yielded"; tick++) {
    const memory = new Uint8Array(machine.memory.buffer);
    said += new TextDecoder().decode(reader.take(memory)?.bytes);
    if (said.includes(line)) {
      if (found === undefined || found.since + 1 >= tick) break;
      return { address: found.address, tick: Math.floor((found.since + tick) / 2) };
    }
    const at = Buffer.from(machine.memory.buffer, ram.address, ram.size).lastIndexOf(text);
    const address = ram.address + at;
    if (at < 0) found = undefined;
    else if (address !== found?.address) found = { address, since: tick };
  }
  throw new Error(`${file} was not in the guest's memory before it said ${JSON.stringify(line)}`);
}
