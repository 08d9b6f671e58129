import { dispute } from "./explorer/dispute.ts";
import { index } from "./explorer/index.ts";
import { page } from "./explorer/page.ts";
import { verify } from "./explorer/verify.ts";
import type { Figure } from "./figure.ts";

const measures = { index, page, dispute, verify } as const;

export const parts = Object.keys(measures) as (keyof typeof measures)[];

/** What it takes to look at a hundred thousand builds, to watch a long dispute, and to verify a build in a tab. */
export async function run(wanted: ReadonlySet<string>): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const part of parts) if (wanted.has(part)) figures.push(...(await measures[part]()));
  return figures;
}
