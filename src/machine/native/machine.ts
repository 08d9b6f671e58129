/** A program in its engine, and the state over the engine's memory: what one run can leave to the next one. */
import { equalBytes } from "../../core/bytes.ts";
import { isAssayError } from "../../core/errors.ts";
import { pageBytes } from "../../merkle/hasher.ts";
import type { KeccakKernel } from "../../merkle/keccakKernel.ts";
import { checkDrives, type DriveImage } from "../program.ts";
import type { Engine } from "./engine/engine.ts";
import { type EngineName, openEngine } from "./engine/engines.ts";
import { HashedState } from "./hashedState.ts";
import { contentRanges, fixedRanges, type MemoryRegion } from "./memoryRegions.ts";
import type { NativeProgram } from "./nativeProgram.ts";

/** The content of a drive of whole pages, hashed. */
export interface HashedDrive {
  readonly address: number;
  /** The nodes of its pages, 32 bytes each, as far as it has content. */
  readonly nodes: Uint8Array;
}

/** What is in a machine's memory at the start, and which engine is to run it. */
export interface MachineOptions {
  readonly program: NativeProgram;
  /** What runs the ticks; the first that supports the program by default. */
  readonly engine?: EngineName | undefined;
  readonly drives: readonly DriveImage[];
  /** Some of the drives, hashed by somebody: a machine that is new need not do it. */
  readonly hashedDrives?: readonly HashedDrive[];
  readonly kernel: KeccakKernel;
  /** What no tick writes to, whatever the input. */
  readonly fixedRegions: readonly MemoryRegion[];
  /** Called on the way through the drives, which can be large. Must not throw. */
  readonly worked: () => void;
}

/** A machine at its start, or wherever a run has left it. */
export interface Machine {
  readonly program: NativeProgram;
  readonly engineName: EngineName | undefined;
  readonly kernel: KeccakKernel;
  readonly engine: Engine;
  readonly hashed: HashedState;
}

/** Bytes of a drive that are placed before `worked` is told. */
const copiedBytes = 2 ** 22;

/**
 * A machine at its start.
 * @param kept one that no run uses any more. Where its program is the same, it is used again: code that is compiled and memory
 * that is there stay, and only pages that are not what they shall be are written.
 * @throws AssayError `machine/bad-input` for a drive that does not fit, `native/bad-region`, `native/unsupported`
 */
export function startMachine(options: MachineOptions, kept?: Machine): Machine {
  const { program, engine: engineName, drives, kernel, worked, hashedDrives = [] } = options;
  checkDrives(program.program, drives);
  const known = {
    content: contentRanges(program.program, drives),
    fixed: fixedRanges(program.program, options.fixedRegions),
  };
  if (kept !== undefined && kept.kernel === kernel && kept.engineName === engineName && isSame(kept.program, program)) {
    try {
      kept.hashed.restart([...program.program.data, ...drives], known);
      return kept;
    } catch (error) {
      if (!isAssayError(error, "native/fixed-region-changed")) throw error;
    }
  }
  const engine = openEngine(program, engineName);
  const memory = new Uint8Array(engine.memory.buffer);
  for (const { address, bytes } of drives) {
    for (let at = 0; at < bytes.length; at += copiedBytes, worked()) {
      memory.set(bytes.subarray(at, at + copiedBytes), address + at);
    }
  }
  const others = drives.filter(({ address }) => !hashedDrives.some((drive) => drive.address === address));
  const hashed = new HashedState(kernel, program.program, engine.memory, {
    content: contentRanges(program.program, others),
    fixed: known.fixed,
    hashed: hashedDrives.map(({ address, nodes }) => ({ first: address / pageBytes, nodes })),
  });
  return { program, engineName, kernel, engine, hashed };
}

/** Modules are equal to the byte; everything else follows from them. */
function isSame(a: NativeProgram, b: NativeProgram): boolean {
  return a === b || (equalBytes(a.module, b.module) && equalBytes(a.program.binary, b.program.binary));
}
