import { type StageName, stageNames, stageTexts } from "./stages.ts";

/** What `npm test` was asked for. */
export interface TestArguments {
  /** None: all. */
  readonly stages: readonly StageName[];
  /** Whether the files that took longest are shown. */
  readonly slowest: boolean;
  /** Whether what files took is written to `test/durations.json`. */
  readonly record: boolean;
  /** What is vitest's. */
  readonly others: readonly string[];
}

/** @throws Error with the usage, when a stage is named that there is not */
export function testArguments(args: readonly string[]): TestArguments {
  const stages: StageName[] = [];
  const others: string[] = [];
  let [slowest, record] = [false, false];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === "--stage") stages.push(stageNamed(args[++i]));
    else if (arg.startsWith("--stage=")) stages.push(stageNamed(arg.slice("--stage=".length)));
    else if (arg === "--slowest") slowest = true;
    else if (arg === "--record") record = true;
    else others.push(arg);
  }
  return { stages, slowest, record, others };
}

function stageNamed(name: string | undefined): StageName {
  const stage = stageNames.find((one) => one === name);
  if (stage !== undefined) return stage;
  const table = stageNames.map((one) => `  ${one.padEnd(6)} ${stageTexts[one]}`);
  throw new Error(
    [
      name === undefined ? "--stage needs the name of a stage" : `there is no stage "${name}"`,
      "usage: npm test -- [--stage <name>]... [--slowest] [--record] [<arguments of vitest>]",
      ...table,
    ].join("\n"),
  );
}
