/** A claim-ready run of the gcc job beside the bare emulator, in turn, in one thread of a process of its own; prints JSON. */
import { inputDriveOf, startDrives } from "../../src/guest/startMemory.ts";
import { loadClaimable } from "../../src/machine/claimable.ts";
import { nativeProgramOf } from "../../src/machine/native/nativeProgram.ts";
import { loadEnvironment } from "../../test/support/guestRun.ts";
import { type Alternated, alternate } from "../alternate.ts";
import { BareGuest } from "./bareGuest.ts";
import { inputOf, jobOf, log2CheckpointTicks } from "./jobs.ts";

const { settings, images, binary } = loadEnvironment(jobOf("gcc").environment);
const plain = new BareGuest("gcc");
const alternated = await alternate({
  program: nativeProgramOf(loadClaimable(binary)),
  drives: [...startDrives(settings, images), { ...inputDriveOf(settings), bytes: inputOf("gcc") }],
  plainTick: () => plain.tick(),
  secondsPerTick: settings.eventsPerTick / 170e6,
  log2CheckpointTicks,
});
console.log(JSON.stringify(alternated satisfies Alternated));
