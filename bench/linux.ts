import { pinnedImageFiles } from "../test/support/guestRun.ts";
import type { Figure } from "./figure.ts";
import { jobNames, jobOf } from "./linux/jobs.ts";

/** What can be asked for alone, as `npm run bench -- linux.<part>`. */
export const parts = ["mips", "overhead", "dispute"] as const;

/** Figures of builds inside a guest. What needs an environment that is not there is left out, with a word about it. */
export async function run(wanted: ReadonlySet<string> = new Set(parts)): Promise<Figure[]> {
  const there = { small: pinnedImageFiles("small") !== undefined, c: pinnedImageFiles("c") !== undefined };
  for (const [name, isThere] of Object.entries(there)) {
    if (!isThere) console.log(`linux: the environment "${name}" is not there: npm run guest -- ${name}`);
  }
  const figures: Figure[] = [];
  if (wanted.has("mips")) {
    const { measureMips } = await import("./linux/mips.ts");
    figures.push(...(await measureMips(jobNames.filter((name) => there[jobOf(name).environment]))));
  }
  if (wanted.has("overhead") && there.c) {
    const { measureOverhead } = await import("./linux/overhead.ts");
    figures.push(...(await measureOverhead()));
  }
  if (wanted.has("dispute") && there.c) {
    const { measureDispute } = await import("./linux/dispute.ts");
    figures.push(...(await measureDispute()));
  }
  return figures;
}
