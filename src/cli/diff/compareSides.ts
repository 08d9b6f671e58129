import type { InjectedFault } from "../../agents/faults/injectedFault.ts";
import { AssayError, isAssayError } from "../../core/errors.ts";
import { compareContents } from "../../diff/compareContents.ts";
import type { Comparison } from "../../diff/difference.ts";
import type { DiffLimits } from "../../diff/limits.ts";
import { decompressNatively } from "../../diff/node/decompress.ts";
import { type CheckpointParting, type KnownStates, partingOfCheckpoints, statesOf } from "./checkpointParting.ts";
import { differencesOf, type ResultDifference } from "./compareResults.ts";
import { askDiffoscope } from "./diffoscope.ts";
import type { Places } from "./places.ts";
import { type Rerun, rerun } from "./rerun.ts";
import type { DiffSide } from "./side.ts";

/** What a comparison of two sides has come to. */
export interface Diff {
  readonly same: boolean;
  readonly sides: readonly [DiffSide, DiffSide];
  /** Where both are results. */
  readonly results?: readonly ResultDifference[] | undefined;
  /** Of artifacts and logs that differ, as far as they can be had. */
  readonly contents: readonly (Comparison & { readonly of: "artifact" | "log" })[];
  /** By the lists of checkpoints that the builders have published. */
  readonly parting?: CheckpointParting | undefined;
  readonly rerun?: (Rerun & { readonly sides: readonly Judgement[] }) | undefined;
  readonly diffoscope?: string | undefined;
  /** What could not be had, and so is not looked into. */
  readonly missing: readonly string[];
}

/** How a result stands to the run of its build here. */
export interface Judgement {
  readonly agrees: boolean;
  /** Where its run has parted from the one here, by its list of checkpoints. */
  readonly parting?: CheckpointParting | undefined;
}

/** How two sides are to be compared. */
export interface DiffOptions {
  readonly places: Places;
  readonly limits: DiffLimits;
  readonly diffoscope: boolean;
  /** Where given: the build is run here. */
  readonly rerun?:
    | {
        readonly source: string | undefined;
        readonly faults: readonly InjectedFault[];
        readonly onTicks: (ticks: number) => void;
      }
    | undefined;
}

/** @throws AssayError `cli/bad-argument` for a run where there is no result */
export async function compareSides(sides: readonly [DiffSide, DiffSide], options: DiffOptions): Promise<Diff> {
  const [first, second] = sides;
  const [ours, theirs] = [first.result, second.result];
  const results = ours && theirs && differencesOf(ours, theirs);
  const isSameArtifact = first.artifact?.sha256 === second.artifact?.sha256;
  const same = isSameArtifact && (results === undefined || results.length === 0);
  const missing = new Set<string>();
  const compared: ComparedArtifacts = isSameArtifact ? {} : await compareArtifacts(sides, options, missing);
  const log = await compareLogs(sides, options, missing);
  const contents = [...(compared.artifact ?? []), ...log];
  const states = same ? [] : await Promise.all(sides.map(async (side) => await knownStates(side, options, missing)));
  const isSameBuild = ours !== undefined && ours.buildId === theirs?.buildId;
  const parting = isSameBuild && states[0] && states[1] ? partingOfCheckpoints(states[0], states[1]) : undefined;
  const here = options.rerun && (await runHere(sides, states, options.rerun));
  const { diffoscope } = compared;
  return { same, sides, results, contents, parting, rerun: here, diffoscope, missing: [...missing] };
}

/** What `work` gives; undefined, and noted, where something for it cannot be had. */
async function unlessMissing<T>(missing: Set<string>, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!isAssayError(error, "cli/diff-unavailable")) throw error;
    missing.add(error.message);
    return undefined;
  }
}

type Contents = Diff["contents"];

interface ComparedArtifacts {
  readonly artifact?: Contents;
  readonly diffoscope?: string;
}

async function compareArtifacts(
  [first, second]: Diff["sides"],
  { limits, diffoscope }: DiffOptions,
  missing: Set<string>,
): Promise<ComparedArtifacts> {
  if (first.artifact === undefined || second.artifact === undefined) return {};
  const { name } = first.artifact;
  const bytes = await unlessMissing(missing, async () => [await first.read(), await second.read()] as const);
  if (bytes === undefined) return {};
  const artifact: Contents = [{ of: "artifact", ...(await compare(name, bytes, limits)) }];
  if (!diffoscope) return { artifact };
  const said = await askDiffoscope(name, ...bytes, limits.milliseconds / 1000);
  if ("text" in said) return { artifact, diffoscope: said.text };
  missing.add(said.why);
  return { artifact };
}

async function compareLogs(
  [first, second]: Diff["sides"],
  { places, limits }: DiffOptions,
  missing: Set<string>,
): Promise<Contents> {
  const [ours, theirs] = [first.result?.log, second.result?.log];
  if (ours === undefined || theirs === undefined || ours.sha256 === theirs.sha256) return [];
  const bytes = await unlessMissing(missing, async () => [await places.read(ours), await places.read(theirs)] as const);
  return bytes === undefined ? [] : [{ of: "log", ...(await compare("log", bytes, limits)) }];
}

async function compare(
  name: string,
  [first, second]: readonly [Uint8Array, Uint8Array],
  limits: DiffLimits,
): Promise<Comparison> {
  return await compareContents(name, first, second, { limits, decompress: decompressNatively });
}

async function knownStates(
  { result }: DiffSide,
  { places }: DiffOptions,
  missing: Set<string>,
): Promise<KnownStates | undefined> {
  return result && (await unlessMissing(missing, async () => await statesOf(result, places)));
}

async function runHere(
  sides: Diff["sides"],
  states: readonly (KnownStates | undefined)[],
  options: NonNullable<DiffOptions["rerun"]>,
): Promise<Diff["rerun"]> {
  const result = sides[0].result ?? sides[1].result;
  if (result === undefined) throw new AssayError("cli/bad-argument", "--rerun needs a result: these are two artifacts");
  const here = await rerun(result, options);
  const judged = sides.map((side, i): Judgement => {
    if (side.result === undefined) return { agrees: side.artifact?.sha256 === here.artifactSha256 };
    const agrees = side.result.buildId === result.buildId && side.result.finalRoot === here.finalRoot;
    const known = side.result.buildId === result.buildId ? states[i] : undefined;
    return { agrees, parting: agrees || known === undefined ? undefined : partingOfCheckpoints(here, known) };
  });
  return { ...here, sides: judged };
}
