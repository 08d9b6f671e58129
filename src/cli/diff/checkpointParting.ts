import type { BuildResult } from "../../attestation/buildResult.ts";
import { type Root, toHex } from "../../core/bytes.ts";
import type { Places } from "./places.ts";

/** The states of a run that are known without running it. */
export interface KnownStates {
  readonly log2Ticks: number;
  readonly roots: readonly Root[];
  readonly finalRoot: Root;
}

/** Where two runs of a build have parted: they agree on the state after `fromTick` ticks. */
export interface CheckpointParting {
  /** The first one that differs; undefined if it is only the last state. */
  readonly checkpoint: number | undefined;
  readonly fromTick: number;
  /** Undefined for the end, whenever that is. */
  readonly toTick: number | undefined;
}

/** Of a list that is read: 2^15 roots. */
const mostListBytes = 2 ** 20;

/** Undefined where two runs agree, or their checkpoints are not at the same ticks. */
export function partingOfCheckpoints(first: KnownStates, second: KnownStates): CheckpointParting | undefined {
  if (first.finalRoot === second.finalRoot || first.log2Ticks !== second.log2Ticks) return undefined;
  const between = 2 ** first.log2Ticks;
  const count = Math.max(first.roots.length, second.roots.length);
  // A machine that has halted stays as it is.
  const at = ({ roots, finalRoot }: KnownStates, index: number) => roots[index] ?? finalRoot;
  for (let index = 0; index < count; index++) {
    if (at(first, index) === at(second, index)) continue;
    return { checkpoint: index + 1, fromTick: index * between, toTick: (index + 1) * between };
  }
  return { checkpoint: undefined, fromTick: count * between, toTick: undefined };
}

/**
 * What is known of a result's run by the list that its builder has published.
 * @throws AssayError `cli/diff-unavailable` where that cannot be had
 */
export async function statesOf(
  { checkpoints, finalRoot }: BuildResult,
  places: Places,
): Promise<KnownStates | undefined> {
  if (checkpoints === undefined) return undefined;
  const bytes = await places.read(checkpoints, mostListBytes);
  const roots = Array.from(
    { length: Math.floor(bytes.length / 32) },
    (_, i) => toHex(bytes.subarray(32 * i, 32 * i + 32)) as Root,
  );
  return { log2Ticks: checkpoints.log2Ticks, roots, finalRoot };
}
