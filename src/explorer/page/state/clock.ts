import { signal } from "@preact/signals";
import type { ChainKey } from "../../records.ts";

/** Seconds since 1970, as this computer has them; counted on each second. */
export const wallClock = signal(Math.floor(Date.now() / 1000));

/** How far each chain's clock is ahead of this computer's. */
const leads = signal<Readonly<Record<ChainKey, number>>>({});

export function startClock(): void {
  setInterval(() => {
    if (document.visibilityState === "visible") wallClock.value = Math.floor(Date.now() / 1000);
  }, 1000);
}

/** Takes note of the time of a chain's newest block. A block's own time goes on until the next. */
export function noteHead(key: ChainKey, timestamp: number): void {
  const lead = timestamp - Math.floor(Date.now() / 1000);
  // Blocks come when they come: only what is later than expected sets the clock, or much earlier.
  const known = leads.value[key];
  if (known !== undefined && lead <= known && known - lead < 120) return;
  leads.value = { ...leads.value, [key]: lead };
}

/** What time it is on a chain, in its seconds. */
export function chainNow(key: ChainKey): number {
  return wallClock.value + (leads.value[key] ?? 0);
}
