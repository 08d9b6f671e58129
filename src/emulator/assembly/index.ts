/**
 * The emulator as a claimable program: `tick` runs a fixed number of guest events, returns 0 while the guest runs and 1
 * when it has stopped.
 */
import { runEvents } from "./hart";
import { STOP } from "./layout";

export function tick(): i32 {
  if (load<u32>(STOP) != 0) return 1;
  runEvents();
  return load<u32>(STOP) != 0 ? 1 : 0;
}
