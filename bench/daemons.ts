import { idle } from "./daemons/idle.ts";
import { load } from "./daemons/load.ts";
import { restart } from "./daemons/restart.ts";
import type { Figure } from "./figure.ts";

const measures = { restart, idle, load } as const;

export const parts = Object.keys(measures) as (keyof typeof measures)[];

/** What daemons cost: starting on a contract with a long past, waiting while nothing happens, and many builds at once. */
export async function run(wanted: ReadonlySet<string>): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const part of parts) if (wanted.has(part)) figures.push(...(await measures[part]()));
  return figures;
}
