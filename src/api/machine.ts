/**
 * The machine: runs a program over its drives, gives the state root at any tick and step, and the witness of a step. Runs in Node
 * and in browsers.
 */
export type { Hex, Root } from "../core/bytes.ts";
export { type ClaimRule, loadClaimable, loadProgram } from "../machine/claimable.ts";
export { type DisassembledLine, disassemble, disassembleInstruction } from "../machine/disassemble.ts";
export type { Drive } from "../machine/drivePath.ts";
export type { Engine, EngineKind, EngineStatus } from "../machine/native/engine/engine.ts";
export { type EngineName, engineNames, openEngine } from "../machine/native/engine/engines.ts";
export {
  type Difference,
  Lockstep,
  type LockstepOptions,
  type LockstepResult,
  type TickEnd,
} from "../machine/native/engine/lockstep.ts";
export { type NativeProgram, nativeProgramOf } from "../machine/native/nativeProgram.ts";
export {
  type CompletedRun,
  type LongestTick,
  MachineSession,
  type Progress,
  type ResultProofs,
  type RunOptions,
} from "../machine/native/session.ts";
export { type SessionClient, sessionInThread } from "../machine/native/sessionClient.ts";
export { MemorySnapshotStorage, type SnapshotStorage } from "../machine/native/snapshotStorage.ts";
export type { OpenedTick } from "../machine/native/tickSteps.ts";
export type { TimelineOptions } from "../machine/native/timeline.ts";
export { type Opcode, opcodes } from "../machine/opcodes.ts";
export { type ClaimableProgram, type DriveImage, type MachineProgram, startState } from "../machine/program.ts";
export { type RecordedStep, recordStep } from "../machine/recording.ts";
export { machineVersion, Status, Trap, trapNames } from "../machine/registers.ts";
export { verifyStep } from "../machine/replaying.ts";
export type { MachineState } from "../machine/state.ts";
export { StateTree } from "../machine/stateTree.ts";
export { findParting, type Parting, type RootsOfTrace } from "../machine/traceDiff.ts";
export type { Hasher } from "../merkle/hasher.ts";
export { KeccakKernel, type KernelBinaries } from "../merkle/keccakKernel.ts";
export { type Program, type ResultRecord, resultRecordSize } from "../programs/program.ts";
export { describeExitCode, releaseTarball } from "../programs/releaseTarball/manifest.ts";
export { readResultRecord } from "../programs/resultRecord.ts";
export { traceOf } from "../trace/machineTrace.ts";
export { outcomeOf } from "../trace/outcome.ts";
