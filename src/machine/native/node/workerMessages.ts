/** What a machine worker and its host say to each other. */
import type { ErrorCode } from "../../../core/errors.ts";
import type { KernelBinaries } from "../../../merkle/keccakKernel.ts";
import type { DriveImage } from "../../program.ts";
import type { EngineName } from "../engine/engines.ts";
import type { Fault } from "../fault.ts";
import type { HashedDrive } from "../machine.ts";
import type { MemoryRegion } from "../memoryRegions.ts";
import type { NativeProgram } from "../nativeProgram.ts";
import type { RingBuffer, RingContent } from "../ringBuffer.ts";
import type { Progress } from "../session.ts";
import type { SessionClient } from "../sessionClient.ts";
import type { SharedPrefixPlace } from "../sharedPrefix.ts";

/**
 * Words of the shared array: how often the worker was seen alive, whether it shall stop, and how many bytes of console
 * output are on their way.
 */
export const signal = { beats: 0, abort: 1, outputBytes: 2 } as const;

/** A console that is followed, from byte number `from` on. */
export interface FollowedConsole {
  readonly ring: RingBuffer;
  readonly from: number;
}

export interface WorkerSettings {
  readonly program: NativeProgram;
  readonly engine: EngineName | undefined;
  readonly drives: readonly DriveImage[];
  readonly hashedDrives: readonly HashedDrive[];
  readonly kernel: KernelBinaries;
  /** Where snapshots are kept; undefined: in memory. */
  readonly snapshotDirectory: string | undefined;
  readonly prefix: (SharedPrefixPlace & { readonly directory: string }) | undefined;
  readonly chainBytes: number;
  readonly sideBytes: number;
  readonly fault: Fault | undefined;
  readonly maxLog2StepsPerTick: number;
  readonly fixedRegions: readonly MemoryRegion[];
  readonly console: FollowedConsole | undefined;
  readonly signal: Int32Array<SharedArrayBuffer>;
}

/** Ends the session, if there is one: what it holds besides its machine is given up. */
export interface WorkerClosing {
  readonly kind: "close";
}

/** Begins a session in a thread that has none. It is opened by the first request that follows. */
export interface WorkerOpening {
  readonly kind: "open";
  readonly settings: WorkerSettings;
}

export interface WorkerRequest {
  readonly kind: "request";
  readonly id: number;
  readonly method: keyof SessionClient;
  readonly values: readonly unknown[];
}

export interface WorkerFailure {
  readonly code: ErrorCode | undefined;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

export type WorkerMessage =
  | { readonly kind: "result"; readonly id: number; readonly value: unknown }
  | { readonly kind: "failure"; readonly id: number; readonly failure: WorkerFailure }
  | { readonly kind: "progress"; readonly id: number; readonly progress: Progress }
  | { readonly kind: "output"; readonly content: RingContent }
  | { readonly kind: "report"; readonly complaint: string };
