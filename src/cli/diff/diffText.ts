import type { Difference } from "../../diff/difference.ts";
import { linesOfParting } from "../commands/trace.ts";
import { table } from "../output.ts";
import type { CheckpointParting } from "./checkpointParting.ts";
import type { Diff, Judgement } from "./compareSides.ts";

/** A comparison as text. */
export function linesOfDiff(diff: Diff): string[] {
  const lines = diff.sides.flatMap(({ name, signers, artifact }, i) => [
    ...table([
      [i === 0 ? "first" : "second", name],
      ...(signers.length === 0 ? [] : [["signed by", signers.join(", ")] as const]),
      ["artifact", artifact === undefined ? "none: the build fails" : `${artifact.name}, sha256 ${artifact.sha256}`],
    ]),
    "",
  ]);
  if (diff.results !== undefined && diff.results.length > 0) {
    for (const { what, first, second } of diff.results)
      lines.push(`${what}:`, `  first   ${first}`, `  second  ${second}`);
    lines.push("");
  }
  for (const { of, differences, notLookedInto, stopped } of diff.contents) {
    lines.push(`where the ${of}s differ:`, ...differences.flatMap(linesOfDifference));
    for (const { path, why } of notLookedInto) lines.push(`  ${path}: not looked into: ${why}`);
    if (stopped !== undefined) lines.push(`  and more, perhaps: ${stopped}`);
    lines.push("");
  }
  if (diff.parting !== undefined) lines.push(`their runs have parted ${partingText(diff.parting)}`, "");
  if (diff.rerun !== undefined) {
    for (const [i, side] of diff.rerun.sides.entries()) lines.push(judgementText(i === 0 ? "first" : "second", side));
    lines.push("");
    const { parting } = diff.rerun;
    if (parting === null) lines.push("with the fault the run is the same as without", "");
    else if (parting !== undefined) lines.push("with the fault, against the run here:", ...linesOfParting(parting), "");
  }
  if (diff.diffoscope !== undefined) lines.push("diffoscope:", ...diff.diffoscope.trimEnd().split("\n"), "");
  for (const why of diff.missing) lines.push(`missing: ${why}`);
  if (diff.missing.length > 0) lines.push("");
  lines.push(diff.same ? "the same." : "they differ.");
  return lines;
}

function linesOfDifference({ path, what, first, second }: Difference): string[] {
  return [
    `  ${path}: ${what}`,
    ...(first === undefined ? [] : [`    first   ${first}`]),
    ...(second === undefined ? [] : [`    second  ${second}`]),
  ];
}

function partingText({ checkpoint, fromTick, toTick }: CheckpointParting): string {
  if (toTick === undefined) return `after tick ${fromTick}, behind the last checkpoint`;
  return `between ticks ${fromTick} and ${toTick}: checkpoint ${checkpoint} is the first that differs`;
}

function judgementText(name: string, { agrees, parting }: Judgement): string {
  if (agrees) return `the ${name} is what the build comes to here`;
  const where = parting === undefined ? "" : `; its run has parted from the one here ${partingText(parting)}`;
  return `the ${name} is not what the build comes to here${where}`;
}
