/**
 * The emulator as a claimable program. `tick` runs a fixed number of guest events until the guest has stopped, then hashes
 * what it has left, 64 KiB in a tick, and writes the result record. It returns 0 while there is more to do, 1 afterwards.
 */
import { runEvents } from "./hart";
import { PHASE, STOP } from "./layout";
import { chargeTick, DONE, hashArtifact, HASHING_ARTIFACT, HASHING_RECORD, hashRecord, readOutput, RUNNING } from "./result";

export function tick(): i32 {
  const phase = load<u32>(PHASE);
  if (phase == RUNNING) {
    chargeTick();
    if (load<u32>(STOP) == 0) runEvents();
    if (load<u32>(STOP) != 0) readOutput();
  } else if (phase == HASHING_RECORD) {
    hashRecord();
  } else if (phase == HASHING_ARTIFACT) {
    hashArtifact();
  }
  return load<u32>(PHASE) == DONE ? 1 : 0;
}
