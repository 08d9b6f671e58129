/**
 * The beginning that all runs of one environment share: a state up to which nothing depends on the input but the drive that
 * holds it. Who has it need not run to it again. It is a cache and no part of a claim: what is loaded is checked by the
 * root that it has with an empty drive, and `MachineSession.rerunPrefix` runs to it once more where a bond depends on it.
 */
import { type Root, toHex } from "../../core/bytes.ts";
import { isAssayError } from "../../core/errors.ts";
import type { Hasher } from "../../merkle/hasher.ts";
import { type Drive, driveRoot, driveSiblings, rootWithDrive } from "../drivePath.ts";
import type { StateTree } from "../stateTree.ts";
import { corrupt, type HashedState } from "./hashedState.ts";
import type { Snapshot } from "./snapshot.ts";
import { decodeSnapshot, encodeSnapshot } from "./snapshotCodec.ts";
import type { SnapshotStorage } from "./snapshotStorage.ts";

export interface SharedPrefixPlace {
  /** The drive whose content differs between the runs: where there is one for dependencies too, both as one. */
  readonly drive: Drive;
  /** Address of a u32 in memory that the program sets to another value than 0 before it looks at the drive. */
  readonly seenAddress: number;
}

/** Shared states are kept at multiples of so many ticks. */
export const log2PrefixTicks = 2;

/** No state behind this tick is shared: a build may have a limit of ticks, which its program reads all the time. */
export const maxPrefixTicks = 4096;

const stride = 2 ** log2PrefixTicks;
const stateName = "state";
const completeName = "complete";

export class SharedPrefix {
  private readonly hasher: Hasher;
  private readonly storage: SnapshotStorage;
  private readonly place: SharedPrefixPlace;
  /** Whether the run at hand keeps states for others. */
  private sharing = false;

  /** @param storage of this environment alone; several processes may share it. */
  constructor(hasher: Hasher, storage: SnapshotStorage, place: SharedPrefixPlace) {
    this.hasher = hasher;
    this.storage = storage;
    this.place = place;
  }

  /**
   * Makes the start state the shared one, if there is one. A run that is at its start keeps states for others from now on.
   * @param start the snapshot of the start, which the state is.
   * @returns what was adopted; its root is not known yet. Undefined: the state is still the start.
   */
  adopt(hashed: HashedState, start: Snapshot, report: (complaint: string) => void): Snapshot | undefined {
    this.sharing = true;
    try {
      if (this.storage.read(stateName, 0, 1) === undefined) return undefined;
      const shared = decodeSnapshot(this.hasher, this.storage, stateName).snapshot;
      const snapshot: Snapshot = { ...shared, parent: start };
      hashed.write(snapshot);
      // Its root is the one that it has with an empty drive.
      if (this.rootWithEmptyDrive(hashed.hashed()) !== shared.root) throw corrupt(snapshot);
      this.sharing = this.storage.read(completeName, 0, 1) === undefined;
      return snapshot;
    } catch (error) {
      if (!isAssayError(error, "native/corrupt-snapshot")) throw error;
      report(`the state that this environment's runs share is thrown away: ${error.message}`);
      this.attempt(() => {
        this.storage.remove(completeName);
        this.storage.remove(stateName);
      });
      hashed.restore(start);
      return undefined;
    }
  }

  /** Where a run at `tick` has to stop next. */
  nextStop(tick: number): number {
    return this.sharing ? (Math.floor(tick / stride) + 1) * stride : Number.POSITIVE_INFINITY;
  }

  /**
   * Keeps the state after `tick` ticks for other runs as long as it does not depend on the input; not in place of a later one
   * that another run has kept in the meantime.
   */
  offer(hashed: HashedState, tick: number, start: Snapshot, report: (complaint: string) => void): void {
    if (!this.sharing || tick === 0 || tick % stride !== 0) return;
    let complaint: string | undefined;
    if (tick > maxPrefixTicks || this.isOver(hashed.state.memory)) {
      this.sharing = false;
      complaint = this.attempt(() => this.storage.write(completeName, [new Uint8Array(1)]));
    } else if (this.keptTick() < tick) {
      const snapshot = hashed.capture({ tick, step: undefined }, start);
      const shared = { ...snapshot, root: this.rootWithEmptyDrive(hashed.hashed()) };
      const notes = { log2Ticks: log2PrefixTicks, roots: [] };
      complaint = this.attempt(() => this.storage.write(stateName, encodeSnapshot(this.hasher, shared, notes)));
      hashed.forget(snapshot);
    }
    if (complaint === undefined) return;
    // The run itself can go on without.
    this.sharing = false;
    report(complaint);
  }

  /** The tick of the state that is kept; -1 when there is none that can be read. */
  private keptTick(): number {
    try {
      return decodeSnapshot(this.hasher, this.storage, stateName).snapshot.tick;
    } catch (error) {
      if (!isAssayError(error, "native/corrupt-snapshot", "native/storage-fault")) throw error;
      return -1;
    }
  }

  /** Whether the program has looked at the drive. */
  private isOver(memory: Uint8Array): boolean {
    const { seenAddress } = this.place;
    return memory.subarray(seenAddress, seenAddress + 4).some((byte) => byte !== 0);
  }

  private rootWithEmptyDrive(trees: StateTree): Root {
    const { drive } = this.place;
    const empty = driveRoot(this.hasher, drive.log2Size, new Uint8Array(0));
    return toHex(rootWithDrive(drive, driveSiblings(trees, drive, this.hasher), empty, this.hasher));
  }

  private attempt(action: () => void): string | undefined {
    try {
      action();
      return undefined;
    } catch (error) {
      if (!isAssayError(error, "native/storage-fault")) throw error;
      return error.message;
    }
  }
}
