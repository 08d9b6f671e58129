import { signal } from "@preact/signals";
import type { BuildSummary } from "../../records.ts";
import { contractWord } from "../chain/gateway.ts";

/** Builds, as `<chain> <build id>`, of which the contract itself has said that they are final. It never takes that back. */
export const provenStates = signal<ReadonlySet<string>>(new Set());
/** Of which the index says so, and the contract does not. */
export const disprovenStates = signal<ReadonlySet<string>>(new Set());

const asked = new Set<string>();
const waiting: BuildSummary[] = [];
let isRunning = false;

/** Asks the contract about builds that are said to be final, one after another, each once. */
export function proveFinal(builds: readonly BuildSummary[]): void {
  for (const build of builds) {
    const name = nameOf(build);
    if (build.state !== "final" || asked.has(name)) continue;
    asked.add(name);
    waiting.push(build);
  }
  if (!isRunning) void run();
}

async function run(): Promise<void> {
  isRunning = true;
  for (let build = waiting.pop(); build !== undefined; build = waiting.pop()) {
    const word = await contractWord(build.chain, build.buildId);
    const name = nameOf(build);
    if (word.kind === "unreachable") {
      // What could not be asked now may be asked when it is seen the next time.
      asked.delete(name);
      for (const one of waiting.splice(0)) asked.delete(nameOf(one));
    } else if (word.result.status === "final") provenStates.value = new Set([...provenStates.value, name]);
    else disprovenStates.value = new Set([...disprovenStates.value, name]);
  }
  isRunning = false;
}

function nameOf({ chain, buildId }: BuildSummary): string {
  return `${chain} ${buildId}`;
}
