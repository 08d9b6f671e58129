/** A guest in the bare emulator: ticks in the engine, no state is hashed. */
import { address, privilege } from "../../src/emulator/addresses.ts";
import { inputDriveOf, startDrives } from "../../src/guest/startMemory.ts";
import { type ResultRecord, resultRecordSize } from "../../src/programs/program.ts";
import { readResultRecord } from "../../src/programs/resultRecord.ts";
import { loadEnvironment } from "../../test/support/guestRun.ts";
import { inputOf, type JobName, jobOf } from "./jobs.ts";

export class BareGuest {
  private readonly memory: WebAssembly.Memory;
  private readonly tickOnce: () => number;

  /** The first state of a job. @param module the emulator's binary with the environment's memory, or another form of it */
  constructor(job: JobName, module?: Uint8Array) {
    const { settings, images, binary } = loadEnvironment(jobOf(job).environment);
    const compiled = new WebAssembly.Module((module ?? binary) as BufferSource);
    const { exports } = new WebAssembly.Instance(compiled);
    const { memory, tick } = exports as { memory: WebAssembly.Memory; tick: () => number };
    this.memory = memory;
    this.tickOnce = tick;
    const bytes = this.bytes();
    for (const drive of startDrives(settings, images)) bytes.set(drive.bytes, drive.address);
    bytes.set(inputOf(job), inputDriveOf(settings).address);
  }

  /** Runs one tick. @returns false when the guest has stopped */
  tick(): boolean {
    return this.tickOnce() === 0;
  }

  /** Guest instructions so far. */
  get retired(): number {
    return Number(this.view().getBigUint64(address.retired, true));
  }

  get inUserMode(): boolean {
    return this.view().getUint32(address.privilege, true) === privilege.user;
  }

  setEventsPerTick(events: number): void {
    this.view().setUint32(address.eventsPerTick, events, true);
  }

  result(): ResultRecord {
    return readResultRecord(this.bytes().subarray(0, resultRecordSize));
  }

  private bytes(): Uint8Array {
    return new Uint8Array(this.memory.buffer);
  }

  private view(): DataView {
    return new DataView(this.memory.buffer);
  }
}

/** Instructions until the first process runs, on ticks so short that it is seen almost at once. */
export function instructionsToInit(): number {
  const guest = new BareGuest("boot");
  guest.setEventsPerTick(2 ** 12);
  while (!guest.inUserMode) if (!guest.tick()) throw new Error("the guest stopped before its first process ran");
  return guest.retired;
}
