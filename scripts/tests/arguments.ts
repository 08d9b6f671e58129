import { type StageName, stageNames, stageTexts } from "./stages.ts";

/** What `npm test` was asked for. */
export interface TestArguments {
  /** None: all. */
  readonly stages: readonly StageName[];
  /** Whether the files that took most CPU time are shown. */
  readonly times: boolean;
  /** Whether what files took is written to `test/durations.json`. */
  readonly record: boolean;
  /** What is vitest's. */
  readonly others: readonly string[];
}

/** @throws Error with the usage, when a stage is named that there is not */
export function testArguments(args: readonly string[]): TestArguments {
  const stages: StageName[] = [];
  const others: string[] = [];
  let [times, record] = [false, false];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === "--stage") stages.push(stageNamed(args[++i]));
    else if (arg.startsWith("--stage=")) stages.push(stageNamed(arg.slice("--stage=".length)));
    else if (arg === "--times") times = true;
    else if (arg === "--record") record = true;
    else others.push(arg);
  }
  return { stages, times, record, others };
}

function stageNamed(name: string | undefined): StageName {
  const stage = stageNames.find((one) => one === name);
  if (stage !== undefined) return stage;
  const table = stageNames.map((one) => `  ${one.padEnd(6)} ${stageTexts[one]}`);
  throw new Error(
    [
      name === undefined ? "--stage needs the name of a stage" : `there is no stage "${name}"`,
      "usage: npm test -- [--stage <name>]... [--times] [--record] [<arguments of vitest>]",
      ...table,
    ].join("\n"),
  );
}
