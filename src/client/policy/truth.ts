/** A part of a policy with the evidence at hand: holds, cannot hold any more, or may yet. */
export type Truth = "yes" | "no" | "open";

/** Whether somebody has said this of a build. Who has said two things of one build has spoken for none of them. */
export function wordOf<Said>(said: ReadonlySet<Said> | undefined, outcome: Said): Truth {
  if (said === undefined || said.size === 0) return "open";
  return said.size === 1 && said.has(outcome) ? "yes" : "no";
}

/** Whether so many hold. */
export function leastOf(count: number, truths: readonly Truth[]): Truth {
  const yes = truths.filter((truth) => truth === "yes").length;
  const open = truths.filter((truth) => truth === "open").length;
  if (yes >= count) return "yes";
  return yes + open >= count ? "open" : "no";
}
