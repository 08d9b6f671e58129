import { spawn } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Random } from "../../test/support/random.ts";
import { copyTree } from "../treeCopy.ts";
import { type Mutant, mutantsOf } from "./mutations.ts";

/**
 * Breaks the contracts, the game logic, the reading of the chain and the daemons' decisions in small ways, one at a time, in a
 * copy of the checkout, and looks whether a test notices: `tsx scripts/mutants/main.ts <group> [<number of mutants>] [<seed>]
 * [<first>]`. Prints every mutant that survives. A run that was stopped goes on at the number `first`.
 */
interface Group {
  readonly files: RegExp;
  /** What none of the commands needs: it would only be compiled again for every mutant. */
  readonly without?: RegExp;
  /** What is run for each mutant, in order, until something fails; before it a file's own unit tests, where it has any. */
  readonly commands: readonly (readonly string[])[];
}

/** Seconds for one command, at most, whatever the first run took: it may have compiled the contracts. */
const mostSeconds = 300;

const vitest = (project: string, ...files: string[]) => [
  "vitest",
  "run",
  "--project",
  project,
  "--bail",
  "1",
  ...files,
];

/** Unit tests, with one load of the modules for all files: half the time. */
const units = (...files: string[]) => [...vitest("unit", ...files), "--isolate=false"];

/** Tests on a real chain that wait as long as a slow machine needs: a mutant for which they wait in vain is not to take that long. */
const hasty = (...files: string[]) => [...vitest("chain", ...files), "--testTimeout", "20000"];

const groups: Readonly<Record<string, Group>> = {
  protocol: {
    files: /^src\/protocol\/(?!errors|hash|tags|views|moves|trace|delays)\w+\.ts$/,
    commands: [
      vitest("unit", "test/protocol", "test/docs/protocol"),
      vitest("chain", "test/protocol/parameters", "test/contracts/terms"),
    ],
  },
  outbox: {
    files: /^src\/chain\/(outbox\/\w+|sender|account)\.ts$/,
    commands: [
      units("test/chain/fees", "test/chain/lane", "test/chain/account", "test/chain/journal"),
      hasty("test/chain/outbox", "test/chain/nonceGap"),
      hasty("test/chain/sender"),
    ],
  },
  chain: {
    files: /^src\/chain\/(?!sender|account|records|ledgerEvents|provenStep)\w+\.ts$/,
    commands: [
      units("test/chain", "--exclude", "**/sqliteLedgerStore.test.ts"),
      units("test/agents", "--exclude", "**/machineRunner.test.ts"),
      vitest("chain", "test/chain/ledger", "test/chain/assay", "test/chain/rpcProvider"),
    ],
  },
  agents: {
    files:
      /^src\/agents\/(?!errors|duties|log|prettyLog|consoleLog|metrics|status|monitor|daemon|open|run|lockFile|saltFile|keptLedger|headHints)\w+\.ts$/,
    commands: [units("test/agents")],
  },
  contracts: {
    files: /^contracts\/(claims|bonds|disputes|terms)\/\w+\.sol$|^contracts\/types\/(Ids|Words)\.sol$/,
    without: /^contracts\/testing\/(properties\/|\w+Handler|HandlerLedger|Vm)|^test\/solidity\//,
    commands: [
      ["hardhat", "build", "--quiet", "--no-tests"],
      vitest("chain", "test/contracts", "test/protocol"),
      vitest("chain", "test/disputes/singleMoves", "test/disputes/rounds", "test/disputes/randomGames"),
    ],
  },
};

const [name = "", count = "40", seed = "1", first = "1"] = process.argv.slice(2);
const group = groups[name];
if (group === undefined) {
  console.error(`name a group: ${Object.keys(groups).join(", ")}`);
  process.exit(2);
}
const root = process.cwd();
const { folder, files, remove } = await copyTree(root, ["artifacts", "cache", "src/types"]);
await keepCompiled(root, folder);
for (const file of files) if (group.without?.test(file)) await rm(join(folder, file));
const all: Mutant[] = [];
for (const file of files.filter((file) => group.files.test(file)))
  all.push(...mutantsOf(file, await readFile(file, "utf8")));
const chosen = sample(all, Number(count), new Random(Number(seed)));
console.log(`${chosen.length} of ${all.length} mutants of ${name}, seed ${seed}`);

/** Milliseconds for one command: a mutant can make a loop endless. */
let limit = 2 ** 31 - 1;
try {
  const started = Date.now();
  if (!(await survives(group.commands))) throw new Error("the tests fail without a mutant: nothing can be learned");
  limit = Math.min(4 * (Date.now() - started), mostSeconds * 1000);
  console.log(`unbroken: all tests pass; a mutant that takes ${Math.round(limit / 1000)} s counts as killed`);
  let survivors = 0;
  let built = 0;
  for (const [i, mutant] of chosen.entries()) {
    if (i + 1 < Number(first)) continue;
    const original = await readFile(join(root, mutant.file), "utf8");
    const lines = original.split("\n");
    lines[mutant.line - 1] = mutant.after;
    await writeFile(join(folder, mutant.file), lines.join("\n"));
    const survived = await survives([...ownTests(mutant.file), ...group.commands]);
    await writeFile(join(folder, mutant.file), original);
    built++;
    if (survived) survivors++;
    const { file, line, before, after } = mutant;
    const what = `${file}:${line}\n      ${before.trim()}\n   -> ${after.trim() || "(left out)"}`;
    if (survived) console.log(`SURVIVED ${i + 1} ${what}`);
    else console.log(`killed   ${i + 1} ${file}:${line}`);
  }
  console.log(`${built - survivors} of ${built} killed (${((100 * (built - survivors)) / built).toFixed(0)} %)`);
} finally {
  await remove();
}

/** Hardhat's cache names its files by their whole paths: without this all contracts would be compiled again in the copy. */
async function keepCompiled(root: string, folder: string): Promise<void> {
  const cache = join(folder, "cache", "compile-cache.json");
  const text = await readFile(cache, "utf8").catch(() => undefined);
  if (text !== undefined) await writeFile(cache, text.replaceAll(`"${root}/`, `"${folder}/`));
}

/** The unit tests that are named after a file: they notice most mutants of it, in a moment. */
function ownTests(file: string): readonly (readonly string[])[] {
  const [folder, name] = [dirname(file).replace("src/", "test/"), basename(file, ".ts")];
  const own = files.filter((test) => dirname(test) === folder && basename(test) === `${name}.test.ts`);
  return own.length === 0 ? [] : [units(...own)];
}

async function survives(commands: Group["commands"]): Promise<boolean> {
  for (const [command, ...args] of commands) {
    const status = await new Promise<number>((resolve) => {
      // In a process group of its own, so that its workers end with it.
      const child = spawn(command!, args, { cwd: folder, stdio: "ignore", detached: true });
      const timer = setTimeout(() => process.kill(-child.pid!, "SIGKILL"), limit);
      child.on("exit", (code) => {
        clearTimeout(timer);
        resolve(code ?? 1);
      });
      child.on("error", () => resolve(1));
    });
    if (status !== 0) return false;
  }
  return true;
}

function sample<T>(from: readonly T[], count: number, random: Random): T[] {
  const left = [...from];
  const chosen: T[] = [];
  while (left.length > 0 && chosen.length < count) chosen.push(...left.splice(random.below(left.length), 1));
  return chosen;
}
