import type { Figure } from "./figure.ts";
import { check } from "./follow/check.ts";
import { commit } from "./follow/commit.ts";
import { idle } from "./follow/idle.ts";
import { store } from "./follow/store.ts";

const measures = { check, commit, idle, store } as const;

export const parts = Object.keys(measures) as (keyof typeof measures)[];

/** What it takes to follow a project and to use what others have published. */
export async function run(wanted: ReadonlySet<string>): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const part of parts) if (wanted.has(part)) figures.push(...(await measures[part]()));
  return figures;
}
