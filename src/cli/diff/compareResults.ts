import type { BuildResult } from "../../attestation/buildResult.ts";

/** A line in which two results differ. */
export interface ResultDifference {
  readonly what: string;
  readonly first: string;
  readonly second: string;
}

/** What two results say otherwise. Who ran them, when, and what things are called does not count. */
export function differencesOf(first: BuildResult, second: BuildResult): ResultDifference[] {
  const [ours, theirs] = [linesOf(first), linesOf(second)];
  const isSameBuild = first.buildId === second.buildId;
  return [...ours]
    .filter(([what, said]) => said !== theirs.get(what) && !(isSameBuild && partsOfBuild.has(what)))
    .map(([what, said]) => ({ what, first: said, second: theirs.get(what)! }));
}

/** All of them are in the build id. */
const partsOfBuild = new Set(["environment", "source", "command"]);

function linesOf(result: BuildResult): Map<string, string> {
  const { buildId, environment, source, command, exitCode, ticks, finalRoot, artifact, log } = result;
  const [[algorithm, digest] = ["no digest", ""]] = Object.entries(source.digest);
  return new Map([
    ["build", buildId],
    ["environment", `${environment.name} ${environment.id}`],
    ["source", `${source.uri} (${algorithm} ${digest})`],
    ["command", command === undefined ? "none" : JSON.stringify(command)],
    ["exit code", String(exitCode)],
    ["ticks", String(ticks)],
    ["final state", finalRoot],
    [
      "artifact",
      artifact === undefined ? "none: the build fails" : `sha256 ${artifact.sha256}, ${artifact.size} bytes`,
    ],
    ["log", log === undefined ? "none" : `sha256 ${log.sha256}, ${log.size} bytes`],
  ]);
}
