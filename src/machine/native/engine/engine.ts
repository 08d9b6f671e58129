/** What runs the ticks of a program over the one memory. It is trusted with nothing: the interpreter decides what a tick does. */
import type { NativeProgram } from "../nativeProgram.ts";

/** How the ticks that were asked for have ended. */
export type EngineStatus = "yielded" | "halted";

/**
 * The program's state is its memory and its mutable globals; between ticks the stack is empty. Others write to both between
 * calls of `run`: snapshots are restored, disputed ticks are interpreted in place.
 */
export interface Engine {
  /**
   * The program's memory from its first byte on; what lies beyond the program's pages is the engine's own, and is never hashed.
   * Its buffer may become another one by `run`: `memory.grow` of 0 pages, which any program may execute, detaches the earlier.
   */
  readonly memory: WebAssembly.Memory;
  /**
   * Takes up the state that is in memory and in these globals, which others have written since the last tick: whatever the engine
   * keeps about memory is void. @param globals two words for each, low half first, by the number of the global.
   */
  resume(globals: Int32Array): void;
  /**
   * Runs `count` ticks, fewer only when the program halts; `ticked` is called after each, and what it throws is passed on.
   * @throws anything but an AssayError, when a tick cannot be run to its end. That is a hint only, a trap or a weakness of the
   * engine: memory may hold part of a tick, and the interpreter decides what the tick does.
   */
  run(count: number, ticked: () => void): EngineStatus;
  /** Copies the mutable globals into slots of two words. */
  readGlobals(slots: Int32Array): void;
  /**
   * Numbers of the 4 KiB pages that ticks have written since the last call or `resume`, ascending, perhaps with some that
   * they have not. An engine without it knows nothing of them: fingerprints of all pages are compared.
   */
  takeWrittenPages?(): Uint32Array;
}

/** One way to run programs. */
export interface EngineKind {
  /** Whether it can run this program; others it need not open. */
  supports(program: NativeProgram): boolean;
  /** The program's own segments are in memory afterwards. The program is a validated one. */
  open(program: NativeProgram): Engine;
}
