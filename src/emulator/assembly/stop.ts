/** Why the guest stopped; part of the state and of the result. */
import { STOP, STOP_VALUE } from "./layout";

/** SBI system reset, type shutdown; value: the reset reason. */
export const STOP_SHUTDOWN: u32 = 1;
/** SBI system reset of another type (a kernel panic with `panic=-1` reboots). */
export const STOP_REBOOT: u32 = 2;
/** `wfi` with nothing that could ever wake the hart. */
export const STOP_WAITS_FOREVER: u32 = 3;
/** An odd value was stored to `tohost`; value: that value. */
export const STOP_TOHOST: u32 = 4;

/** The build description's limit in ticks is used up. */
export const STOP_LIMIT: u32 = 5;

export function stop(reason: u32, value: u64): void {
  store<u32>(STOP, reason);
  store<u64>(STOP_VALUE, value);
}
