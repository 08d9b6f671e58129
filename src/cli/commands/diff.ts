import type { Command } from "commander";
import { parseFault } from "../../agents/faults/injectedFault.ts";
import { AssayError } from "../../core/errors.ts";
import { absoluteUrl } from "../../core/node/fileUrl.ts";
import { defaultDiffLimits } from "../../diff/limits.ts";
import { compareSides, type Diff } from "../diff/compareSides.ts";
import { linesOfDiff } from "../diff/diffText.ts";
import { addressesOf, Places } from "../diff/places.ts";
import { sideOf } from "../diff/side.ts";
import { exitStatus, statusOf } from "../exitStatus.ts";
import { parsePositive, parseSeconds } from "../options.ts";
import { createOutput, type Progress } from "../output.ts";

interface Options {
  readonly from: readonly string[];
  readonly config?: string;
  readonly rerun: boolean;
  readonly source?: string;
  readonly fault: readonly string[];
  readonly diffoscope: boolean;
  readonly maxBytes: number;
  readonly maxDepth: number;
  readonly maxSeconds: number;
  readonly maxDifferences: number;
  readonly json: boolean;
}

export function defineDiff(command: Command): void {
  const { unpackedBytes, depth, milliseconds, differences } = defaultDiffLimits;
  command
    .argument(
      "<first>",
      "an artifact's file, a file of signed results, or a build id; `...@<key>` for what a key has signed",
    )
    .argument("<second>", "the same")
    .option(
      "--from <url>",
      "where results and contents are; repeatable (default: the stores of the configuration)",
      collectUrl,
      [],
    )
    .option("--config <file>", "configuration (default: $ASSAY_CONFIG, else assay.yaml)")
    .option("--rerun", "run the build of the first result here, and say which of the two it agrees with", false)
    .option("--source <source>", "with --rerun: where the source is, if not where the result says")
    .option(
      "--fault <kind@tick:step>",
      "with --rerun: find the step where a run with this fault parts from a right one",
      collect,
      [],
    )
    .option("--diffoscope", "also ask diffoscope, if it is installed, about artifacts that differ", false)
    .option(
      "--max-bytes <n>",
      "largest artifact, and most bytes that are unpacked of both",
      parsePositive,
      unpackedBytes,
    )
    .option("--max-depth <n>", "archives within each other that are opened", parsePositive, depth)
    .option("--max-seconds <n>", "longest comparison", parseSeconds, milliseconds / 1000)
    .option("--max-differences <n>", "differences that are listed", parsePositive, differences)
    .option("--json", "print as JSON", false)
    .addHelpText(
      "after",
      `
Archives (tar, gzip, zip) are compared by their files, ELF by sections, JSON by values, text by lines, anything else by bytes
(docs/diff.md). Signatures are checked; whether their keys are to be believed is \`assay check\`'s question.

Exit status: 0 the same; 1 they differ; 2 wrong arguments, or it failed; 6 a result cannot be had.

Examples:
  assay diff good.tar.gz bad.tar.gz
  assay diff alice.intoto.jsonl carol.intoto.jsonl --from https://builds.example.org/
  assay diff 0x1f…@did:key:z6MkiTBz… 0x1f…@did:key:z6MknGc3… --from file:./store --rerun`,
    )
    .action(run);
}

function collect(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}

function collectUrl(text: string, before: readonly string[]): readonly string[] {
  return [...before, absoluteUrl(text, process.cwd())];
}

async function run(first: string, second: string, options: Options): Promise<void> {
  const output = createOutput(options.json);
  try {
    const faults = options.fault.map(parseFault);
    if (faults.length > 0 && !options.rerun)
      throw new AssayError("cli/bad-argument", "--fault is about a run: add --rerun");
    const places = new Places(await addressesOf(options.from, options.config), options.maxBytes);
    const side = async (name: string) => await sideOf(name, places, options.maxBytes);
    const sides = await Promise.all([side(first), side(second)]);
    const progress = output.progress("build");
    const rerun = options.rerun ? { source: options.source, faults, onTicks: sayTicks(progress) } : undefined;
    const asked = { places, limits: limitsOf(options), diffoscope: options.diffoscope, rerun };
    const diff = await compareSides(sides, asked).finally(() => progress.end());
    output.data(shownOf(diff), () => linesOfDiff(diff));
    process.exitCode = diff.same ? exitStatus.ok : exitStatus.failed;
  } catch (error) {
    // A status of 1 says that they differ, and nobody has found that.
    if (statusOf(error) !== exitStatus.failed) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new AssayError("cli/bad-argument", `cannot compare ${first} and ${second}: ${message}`, {}, { cause: error });
  }
}

function sayTicks(progress: Progress) {
  return (ticks: number) => progress.update(`${ticks} ticks`);
}

function limitsOf({ maxBytes, maxDepth, maxSeconds, maxDifferences }: Options) {
  return {
    ...defaultDiffLimits,
    ...{ unpackedBytes: maxBytes, depth: maxDepth, milliseconds: maxSeconds * 1000, differences: maxDifferences },
  };
}

/** What is printed as JSON: all but the roots of the run here. */
function shownOf({ sides, rerun: here, ...diff }: Diff) {
  const shown = sides.map(({ name, signers, artifact, result }) => ({
    name,
    signers,
    artifact,
    buildId: result?.buildId,
  }));
  if (here === undefined) return { ...diff, sides: shown };
  const { roots: _, ...rest } = here;
  return { ...diff, sides: shown, rerun: rest };
}
